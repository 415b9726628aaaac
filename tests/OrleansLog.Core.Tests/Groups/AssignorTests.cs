using System.Text.Json;
using OrleansLog.Core.Groups.Assignors;
using OrleansLog.Log;
using OrleansLog.TestKit;

namespace OrleansLog.Core.Tests.Groups;

/// <summary>tests/golden/values/assignments.jsonl: what the Java client's assignors decided over three rounds.</summary>
public class AssignorTests
{
    public static TheoryData<int, string> Cases
    {
        get
        {
            var cases = new TheoryData<int, string>();
            var line = 0;
            foreach (var golden in Golden.Lines("values", "assignments.jsonl"))
                cases.Add(line++, golden.GetProperty("assignor").GetString()!);

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Range_and_roundrobin_are_equal_and_the_sticky_ones_as_even_and_as_sticky(int line, string assignor)
    {
        foreach (var round in Rounds(line, out var counts))
        {
            var ours = PartitionAssignor.Find(assignor)!.Assign(round.Members, counts);
            if (assignor is "range" or "roundrobin")
            {
                Assert.Equal(Text(round.Golden), Text(ours));
                continue;
            }

            AssertLegal(ours, round.Members, counts, isWhole: assignor == "sticky");
            var final = ours;
            var golden = round.Golden;
            if (assignor == "cooperative-sticky")
            {
                AssertNothingIsTakenWhileItIsOwned(ours, round.Members);
                final = Again(assignor, ours, round.Members, counts);
                AssertLegal(final, round.Members, counts, isWhole: true);
                if (!IsWhole(golden, round.Members, counts))
                    golden = Again("sticky", golden, round.Members, counts);
            }

            Assert.True(Unevenness(final) <= Unevenness(golden), $"ours {Text(final)}, golden {Text(golden)}");
            if (Unevenness(final) == Unevenness(golden))
                Assert.True(Kept(ours, round.Members) >= Kept(round.Golden, round.Members), $"ours {Text(ours)}, golden {Text(round.Golden)}");
        }
    }

    [Fact]
    public void Of_two_owners_the_newer_generation_keeps_a_partition()
    {
        MemberSubscription[] members =
        [
            new("a", null, ["t"], [new("t", 0), new("t", 1)], 4),
            new("b", null, ["t"], [new("t", 0)], 5),
        ];
        var shares = PartitionAssignor.Find("sticky")!.Assign(members, new Dictionary<string, int> { ["t"] = 2 });
        Assert.Equal([new TopicPartitionName("t", 1)], shares["a"]);
        Assert.Equal([new TopicPartitionName("t", 0)], shares["b"]);
    }

    [Fact]
    public void A_chain_of_members_evens_out_what_no_single_move_could()
    {
        MemberSubscription[] members =
        [
            new("a", null, ["x"], [new("x", 0), new("x", 1), new("x", 2)]),
            new("b", null, ["x", "y"], [new("y", 0), new("y", 1)]),
            new("c", null, ["y", "z"], [new("z", 0)]),
        ];
        var shares = PartitionAssignor.Find("sticky")!.Assign(members, new Dictionary<string, int> { ["x"] = 3, ["y"] = 2, ["z"] = 1 });
        Assert.All(shares.Values, share => Assert.Equal(2, share.Count));
    }

    [Fact]
    public void Static_members_keep_their_place_in_the_order_under_any_member_id()
    {
        MemberSubscription[] members = [new("z", "A", ["t"], []), new("a", "B", ["t"], []), new("b", null, ["t"], [])];
        var shares = PartitionAssignor.Find("range")!.Assign(members, new Dictionary<string, int> { ["t"] = 4 });
        Assert.Equal([2, 1, 1], [shares["z"].Count, shares["a"].Count, shares["b"].Count]);
    }

    private static (MemberSubscription[] Members, IReadOnlyDictionary<string, IReadOnlyList<TopicPartitionName>> Golden)[] Rounds(
        int line, out Dictionary<string, int> counts)
    {
        var golden = Golden.Lines("values", "assignments.jsonl").ElementAt(line);
        counts = golden.GetProperty("topics").EnumerateObject().ToDictionary(t => t.Name, t => t.Value.GetInt32());
        var generation = 0;
        return [.. golden.GetProperty("rounds").EnumerateArray().Select(round =>
        {
            generation++;
            return (
                round.GetProperty("subscriptions").EnumerateObject().Select(m => new MemberSubscription(
                    m.Name, null, [.. m.Value.GetProperty("topics").EnumerateArray().Select(t => t.GetString()!)],
                    Partitions(m.Value.GetProperty("owned")), generation)).ToArray(),
                (IReadOnlyDictionary<string, IReadOnlyList<TopicPartitionName>>)round.GetProperty("assignment").EnumerateObject()
                    .ToDictionary(m => m.Name, m => (IReadOnlyList<TopicPartitionName>)Partitions(m.Value)));
        })];
    }

    private static TopicPartitionName[] Partitions(JsonElement names) =>
        [.. names.EnumerateArray().Select(n => TopicPartitionName.TryParse(n.GetString(), out var name) ? name : throw new FormatException())];

    /// <summary>The members let go of what they lost and rejoin.</summary>
    private static IReadOnlyDictionary<string, IReadOnlyList<TopicPartitionName>> Again(
        string assignor, IReadOnlyDictionary<string, IReadOnlyList<TopicPartitionName>> shares, MemberSubscription[] members,
        Dictionary<string, int> counts) =>
        PartitionAssignor.Find(assignor)!.Assign([.. members.Select(m => m with { OwnedPartitions = shares[m.MemberId] })], counts);

    private static void AssertLegal(
        IReadOnlyDictionary<string, IReadOnlyList<TopicPartitionName>> shares, MemberSubscription[] members, Dictionary<string, int> counts, bool isWhole)
    {
        var all = shares.Values.SelectMany(s => s).ToList();
        Assert.Equal(all.Count, all.Distinct().Count());
        Assert.All(members, m => Assert.All(shares[m.MemberId], p => Assert.Contains(p.Topic, m.Topics)));
        Assert.True(!isWhole || IsWhole(shares, members, counts), Text(shares));
    }

    private static bool IsWhole(
        IReadOnlyDictionary<string, IReadOnlyList<TopicPartitionName>> shares, MemberSubscription[] members, Dictionary<string, int> counts) =>
        members.SelectMany(m => m.Topics).Distinct().Sum(counts.GetValueOrDefault) == shares.Values.Sum(s => s.Count);

    private static void AssertNothingIsTakenWhileItIsOwned(
        IReadOnlyDictionary<string, IReadOnlyList<TopicPartitionName>> shares, MemberSubscription[] members)
    {
        foreach (var member in members)
            Assert.DoesNotContain(shares[member.MemberId], p => members.Any(other => other != member && other.OwnedPartitions.Contains(p)));
    }

    private static int Unevenness(IReadOnlyDictionary<string, IReadOnlyList<TopicPartitionName>> shares) => shares.Values.Sum(s => s.Count * s.Count);

    private static int Kept(IReadOnlyDictionary<string, IReadOnlyList<TopicPartitionName>> shares, MemberSubscription[] members) =>
        members.Sum(m => m.OwnedPartitions.Intersect(shares[m.MemberId]).Count());

    private static string Text(IReadOnlyDictionary<string, IReadOnlyList<TopicPartitionName>> shares) => string.Join(
        "; ", shares.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{s.Key}: {string.Join(',', s.Value.Select(p => p.ToString()).Order(StringComparer.Ordinal))}"));
}
