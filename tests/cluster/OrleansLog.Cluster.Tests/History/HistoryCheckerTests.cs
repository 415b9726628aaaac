namespace OrleansLog.Cluster.Tests.History;

/// <summary>The checker is only worth something if it sees each anomaly: every one is planted once.</summary>
public class HistoryCheckerTests
{
    private static readonly SentRecord[] Sent =
    [
        new(0, 1, "a", Outcome.Acknowledged, 0),
        new(0, 2, "b", Outcome.Unknown),
        new(0, 3, "c", Outcome.Acknowledged, 1),
        new(0, 4, "d", Outcome.Refused),
        new(0, 5, "e", Outcome.Acknowledged, 2),
        new(1, 6, "f", Outcome.Acknowledged, 0),
    ];

    [Fact]
    public void A_history_without_fault_passes_whether_the_unknown_record_is_there_or_not()
    {
        Assert.Empty(HistoryChecker.Check(Sent, Log("ace", "f")));
        var withUnknown = Sent.Select(record => record switch
        {
            { Value: "c" } => record with { Offset = 2 },
            { Value: "e" } => record with { Offset = 3 },
            _ => record,
        }).ToArray();
        Assert.Empty(HistoryChecker.Check(withUnknown, Log("abce", "f")));
    }

    [Theory]
    [InlineData("ac", "f", Anomaly.UnseenWrite)]
    [InlineData("ace", "", Anomaly.UnseenWrite)]
    [InlineData("acea", "f", Anomaly.Duplicate)]
    [InlineData("abce", "f", Anomaly.InconsistentOffset)]
    [InlineData("aced", "f", Anomaly.RefusedButStored)]
    [InlineData("acex", "f", Anomaly.Phantom)]
    [InlineData("acef", "f", Anomaly.Phantom)]
    [InlineData("aceb", "f", Anomaly.OutOfOrder)]
    public void A_planted_anomaly_is_found(string first, string second, Anomaly anomaly) =>
        Assert.Contains(HistoryChecker.Check(Sent, Log(first, second)), finding => finding.Anomaly == anomaly);

    [Fact]
    public void A_record_that_was_acknowledged_without_an_offset_must_be_somewhere()
    {
        var sent = Sent.Select(record => record.Value == "e" ? record with { Offset = -1 } : record).ToArray();
        Assert.Empty(HistoryChecker.Check(sent, Log("ace", "f")));
        Assert.Equal(Anomaly.LostWrite, Assert.Single(HistoryChecker.Check(sent, Log("ac", "f"))).Anomaly);
    }

    [Fact]
    public void Each_producer_has_an_order_of_its_own()
    {
        var sent = Sent.Select(record => record.Value == "c" ? record with { Producer = 1, Sequence = 100 } : record).ToArray();
        Assert.Empty(HistoryChecker.Check(sent, Log("ace", "f")));
        var findings = HistoryChecker.Check([.. sent.Select(record => record with { Producer = 1 })], Log("ace", "f"));
        Assert.Equal(Anomaly.OutOfOrder, Assert.Single(findings).Anomaly);
    }

    [Fact]
    public void A_hole_in_the_offsets_is_found_and_the_acknowledged_record_in_it_is_lost()
    {
        var findings = HistoryChecker.Check(Sent, [.. Log("ace", "f").Where(record => record.Value != "c")]);
        Assert.Equal([Anomaly.BrokenOffsets, Anomaly.LostWrite], findings.Select(finding => finding.Anomaly));
    }

    private static ReadRecord[] Log(string first, string second) =>
    [
        .. first.Select((value, offset) => new ReadRecord(0, offset, $"{value}")),
        .. second.Select((value, offset) => new ReadRecord(1, offset, $"{value}")),
    ];
}
