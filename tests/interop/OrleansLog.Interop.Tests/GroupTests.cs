using Interop.Tests.Clients;

namespace Interop.Tests;

/// <summary>Consumer groups of real clients: members share the partitions, take over from each other, and go on where the group was.</summary>
[Collection(nameof(GroupBench))]
public class GroupTests(Bench bench)
{
    private const int Partitions = 4;

    /// <summary>Of a member that stays: however busy the machine is, nobody takes it for dead.</summary>
    private static readonly TimeSpan LongSession = TimeSpan.FromMinutes(2);

    /// <summary>Of a member that dies: this is how long the others wait for it.</summary>
    private static readonly TimeSpan ShortSession = TimeSpan.FromSeconds(6);

    public static IEnumerable<object[]> ClientsAndEnds =>
        from client in Installed.Clients from dies in new[] { false, true } select new object[] { client, dies };

    [Theory]
    [MemberData(nameof(ClientsAndEnds))]
    public async Task Members_share_the_partitions_and_the_rest_takes_over_when_one_goes(string name, bool dies)
    {
        var client = await bench.ClientAsync(name);
        var other = await Installed.StartAsync(name, bench.Servers);
        var confluent = await bench.ClientAsync(Installed.Confluent);
        var topic = await bench.NewTopicAsync("group", Partitions);
        var group = bench.NewName("group");
        var first = bench.NewName("first");
        try
        {
            await client.JoinAsync(group, topic, first, LongSession);
            await Pause.UntilAsync(async () => (await client.ViewAsync(first)).Assigned.Length == Partitions, "the first member has all partitions");
            await other.JoinAsync(group, topic, "second", dies ? ShortSession : LongSession);
            await Pause.UntilAsync(
                async () => Shares(await client.ViewAsync(first), await other.ViewAsync("second")), "the two members have two partitions each");

            await ProduceEverywhereAsync(confluent, topic, "before");

            // A client may still hand out what a fetch from before the rebalance brings: read by both, but not lost.
            await Pause.UntilAsync(
                async () => Distinct(await client.ViewAsync(first), await other.ViewAsync("second")) == Partitions,
                "the records before are read",
                async () => $"{Show(await client.ViewAsync(first))}; {Show(await other.ViewAsync("second"))}");
            await Pause.UntilAsync(async () => await confluent.GroupMembersAsync(group) == 2, "the group has two members");

            if (dies)
                await other.DisposeAsync();
            else
                await other.LeaveAsync("second");

            await Pause.UntilAsync(async () => (await client.ViewAsync(first)).Assigned.Length == Partitions, "the member that stayed has all partitions");
            await ProduceEverywhereAsync(confluent, topic, "after");
            await Pause.UntilAsync(
                async () => PlacesOf(await client.ViewAsync(first), "after").Count() == Partitions,
                "it reads what came after",
                async () => Show(await client.ViewAsync(first)));
            await client.LeaveAsync(first);

            await ResumesAsync(client, confluent, group, topic);
        }
        finally
        {
            await other.DisposeAsync();
        }
    }

    /// <summary>A new member begins where the group has committed, and sees nothing twice.</summary>
    private async Task ResumesAsync(IInteropClient client, IInteropClient confluent, string group, string topic)
    {
        for (var partition = 0; partition < Partitions; partition++)
            Assert.Equal(2, await confluent.CommittedAsync(group, topic, partition));

        var member = bench.NewName("later");
        await ProduceEverywhereAsync(confluent, topic, "later");
        await client.JoinAsync(group, topic, member, LongSession);
        await Pause.UntilAsync(async () => (await client.ViewAsync(member)).Received.Length >= Partitions, "a later member reads what is new");
        Assert.Equal(Enumerable.Repeat("later", Partitions), ValuesOf(await client.ViewAsync(member)));
        await client.LeaveAsync(member);
        Assert.Equal(3, await client.CommittedAsync(group, topic, 0));
        Assert.Contains(group, await client.GroupsAsync());
        Assert.Equal(0, await client.GroupMembersAsync(group));
        await client.DeleteGroupAsync(group);
        Assert.DoesNotContain(group, await confluent.GroupsAsync());
    }

    private static bool Shares(MemberView one, MemberView two) =>
        one.Assigned.Length == Partitions / 2 && two.Assigned.Length == Partitions / 2 && !one.Assigned.Intersect(two.Assigned).Any();

    private static IEnumerable<string> ValuesOf(MemberView view) =>
        view.Received.Select(record => System.Text.Encoding.UTF8.GetString(record[2].GetBytesFromBase64()));

    /// <summary>Where the records of a value are that a member has read; it may have read one twice, if a rebalance came between reading and committing.</summary>
    private static IEnumerable<string> PlacesOf(MemberView view, string value) =>
        view.Received.Zip(ValuesOf(view)).Where(one => one.Second == value).Select(one => $"{one.First[0]}@{one.First[1]}").Distinct();

    private static Task ProduceEverywhereAsync(IInteropClient client, string topic, string value) =>
        Task.WhenAll(Enumerable.Range(0, Partitions).Select(partition => client.ProduceAsync(topic, partition, "none", false, [Sample.Of("k", value)])));

    private static int Distinct(MemberView one, MemberView two) =>
        one.Received.Concat(two.Received).Select(record => $"{record[0]}@{record[1]}").Distinct().Count();

    private static string Show(MemberView view) =>
        $"partitions {string.Join(',', view.Assigned)}, read {string.Join(' ', view.Received.Select(record => $"{record[0]}@{record[1]}"))}";
}
