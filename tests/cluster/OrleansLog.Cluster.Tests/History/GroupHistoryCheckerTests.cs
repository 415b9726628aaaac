using OrleansLog.Cluster.Member;

namespace OrleansLog.Cluster.Tests.History;

/// <summary>
/// Each anomaly of a group, planted once. A history is a line of words in the order of time: <c>A+</c> is given the partition, <c>A-</c> gives it
/// back, <c>A!</c> loses it, <c>A3</c> polls offset 3, <c>A(3</c> sends a commit of 3 and <c>A)3</c> has it answered, <c>?</c> asks and <c>=3</c> is the answer.
/// </summary>
public class GroupHistoryCheckerTests
{
    private const string Log = "abcdef";

    [Theory]
    [InlineData("A+ A0 A1 A2 A3 A4 A5")]
    [InlineData("A+ A0 A1 A(2 A)2 A- B+ B2 B3 ? =2 B4 B5 B(6 B)6 ? =6")]
    [InlineData("A+ A0 A1 A2 A(3 B+ B3 B4 B5")]
    [InlineData("A+ A0 A1 A2 A(3 B+ B0 B1 B2 B3 B4 B5")]
    [InlineData("A+ A0 A1 A(2 A)2 A2 A3 B+ B2 B3 B4 A(4 A! B5 B(6 B)6")]
    [InlineData("? A+ A0 A1 A(2 =2 A)2 A2 A3 A4 A5 ? A(6 A)6 =2")]
    [InlineData("? =-1 A+ A0 A1 A- A+ A0 A1 A2 A3 A4 A5 ? =-1")]
    public void A_history_without_fault_passes(string history) => Assert.Empty(Check(history));

    [Theory]
    [InlineData("A+ A0 A1 A1 A2 A3 A4 A5", GroupAnomaly.NonMonotonicPoll)]
    [InlineData("A+ A0 A1 A2 A0 A1 A2 A3 A4 A5", GroupAnomaly.NonMonotonicPoll)]
    [InlineData("B+ B0 B1 B2 B3 B4 B5 A+ A0 A2", GroupAnomaly.SkippedPoll)]
    [InlineData("B+ B0 B1 B2 B3 B4 B5 B! A+ A3", GroupAnomaly.SkippedByNextOwner)]
    [InlineData("A+ A0 A1 A2 A3 A(2 A)2 A! B+ B4 B5", GroupAnomaly.SkippedByNextOwner)]
    [InlineData("A+ A0 A1 A2 A(3 A)3 A- B+ B2 B3 B4 B5", GroupAnomaly.CommitForgotten)]
    [InlineData("A+ A0 A1 A2 A(3 A)3 A- B+ B0 B1 B2 B3 B4 B5", GroupAnomaly.CommitForgotten)]
    [InlineData("A+ A0 A1 A2 A(3 ? =3 B+ B2 B3 B4 B5", GroupAnomaly.CommitForgotten)]
    [InlineData("A+ A0 A1 A2 A(3 A)3 ? =2 A3 A4 A5", GroupAnomaly.CommitWentBack)]
    [InlineData("A+ A0 A1 A2 A(3 A)3 ? =-1 A3 A4 A5", GroupAnomaly.CommitWentBack)]
    [InlineData("A+ A0 A1 A2 A(3 ? =3 ? =2 A3 A4 A5", GroupAnomaly.CommitWentBack)]
    [InlineData("A+ A0 A1 A2 A(3 A)3 ? =4 A3 A4 A5", GroupAnomaly.PhantomCommit)]
    [InlineData("A+ A0 A1 B+ B0 B1 B(2 B)2 B2 A2 A(3 A)3 A3 A4 A5", GroupAnomaly.TwoOwners)]
    [InlineData("A+ A0 A1 A(1 A)1 B+ B1 B2 B(3 B)3 A(2 A)2 B3 B4 B5", GroupAnomaly.TwoOwners)]
    [InlineData("A+ A0 A1 A- A2 A+ A0 A1 A2 A3 A4 A5", GroupAnomaly.PollWithoutTenure)]
    [InlineData("A+ A0 A1 A2 A3x A4 A5", GroupAnomaly.InconsistentPoll)]
    [InlineData("A+ A0 A1 A2 A3 A4 A5 A6", GroupAnomaly.PhantomPoll)]
    [InlineData("A+ A0 A1 A2 A3 A4", GroupAnomaly.NeverDelivered)]
    public void A_planted_anomaly_is_found_and_nothing_else(string history, GroupAnomaly anomaly) =>
        Assert.Equal([anomaly], Check(history).Select(finding => finding.Anomaly).Distinct());

    [Fact]
    public void A_partition_that_nobody_was_ever_given_is_not_forgotten()
    {
        var read = Log.Select((value, offset) => new ReadRecord(3, offset, $"{value}")).ToArray();
        Assert.All(GroupHistoryChecker.Check([], read), finding => Assert.Equal(GroupAnomaly.NeverDelivered, finding.Anomaly));
    }

    [Fact]
    public void An_offset_that_the_log_does_not_have_may_be_passed_over()
    {
        var read = Log.Select((value, offset) => new ReadRecord(0, offset, $"{value}")).Where(record => record.Offset != 2).ToArray();
        Assert.Empty(GroupHistoryChecker.Check(Events("A+ A0 A1 A3 A4 A5"), read));
    }

    [Fact]
    public void A_line_of_output_is_read_back_and_half_a_line_is_not()
    {
        var happened = new GroupEvent(GroupEventKind.Polled, 123, "a-1", "topic", 2, 17, "1:5");
        Assert.Equal(happened, GroupEvent.Parse(happened.ToLine()));
        Assert.Null(GroupEvent.Parse(happened.ToLine()[..20]));
        Assert.Null(GroupEvent.Parse("something else that a process may say here"));
    }

    [Fact]
    public void A_value_of_which_one_byte_changed_is_noticed()
    {
        var value = Payload.Value(1, 30);
        Assert.Equal("1:30", Payload.IdOf(value));
        Assert.StartsWith("damaged", Payload.IdOf(value[..^1] + "!"));
        Assert.StartsWith("damaged", Payload.IdOf(value[..^1]));
        Assert.StartsWith("damaged", Payload.IdOf(null));
    }

    private static IReadOnlyList<GroupFinding> Check(string history) =>
        GroupHistoryChecker.Check(Events(history), [.. Log.Select((value, offset) => new ReadRecord(0, offset, $"{value}"))]);

    private static GroupEvent[] Events(string history) => [.. history.Split(' ').Select(Event)];

    private static GroupEvent Event(string word, int at) => word[0] switch
    {
        '?' => new GroupEvent(GroupEventKind.Asked, at, "observer", "t", 0),
        '=' => new GroupEvent(GroupEventKind.Observed, at, "observer", "t", 0, Number(word[1..])),
        _ => Event(word[..1], word[1..], at),
    };

    private static GroupEvent Event(string member, string what, int at) => what[0] switch
    {
        '+' => new GroupEvent(GroupEventKind.Assigned, at, member, "t", 0),
        '-' => new GroupEvent(GroupEventKind.Revoked, at, member, "t", 0),
        '!' => new GroupEvent(GroupEventKind.Lost, at, member, "t", 0),
        '(' => new GroupEvent(GroupEventKind.CommitStarted, at, member, "t", 0, Number(what[1..])),
        ')' => new GroupEvent(GroupEventKind.CommitAcknowledged, at, member, "t", 0, Number(what[1..])),
        _ => new GroupEvent(GroupEventKind.Polled, at, member, "t", 0, Number(what[..1]), what.Length > 1 ? what[1..] : ValueAt(Number(what))),
    };

    private static string ValueAt(long offset) => offset < Log.Length ? $"{Log[(int)offset]}" : "beyond";

    private static long Number(string text) => long.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
