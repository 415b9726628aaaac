namespace OrleansLog.Cluster.Tests.History;

public enum Anomaly
{
    /// <summary>Acknowledged, and not there though later offsets are.</summary>
    LostWrite,

    /// <summary>Acknowledged, and beyond the end of what can be read.</summary>
    UnseenWrite,

    /// <summary>One value twice.</summary>
    Duplicate,

    /// <summary>An offset holds something else than what was acknowledged for it.</summary>
    InconsistentOffset,

    /// <summary>Refused as certainly not stored, and stored.</summary>
    RefusedButStored,

    /// <summary>A value that nobody sent.</summary>
    Phantom,

    /// <summary>Two records of one producer stand in the other order than they were sent.</summary>
    OutOfOrder,

    /// <summary>An offset is missing or comes twice.</summary>
    BrokenOffsets,
}

public sealed record Finding(Anomaly Anomaly, string Detail);

/// <summary>
/// Compares what the producers of a topic were told with everything that is in the log afterwards, partition by partition. Records of unknown
/// outcome may be there or not, but not twice and not out of order.
/// </summary>
public static class HistoryChecker
{
    public static IReadOnlyList<Finding> Check(IReadOnlyCollection<SentRecord> sent, IReadOnlyCollection<ReadRecord> read)
    {
        var findings = new List<Finding>();
        var byValue = sent.ToDictionary(record => record.Value, StringComparer.Ordinal);
        foreach (var partition in sent.Select(record => record.Partition).Union(read.Select(record => record.Partition)).Order())
        {
            var log = read.Where(record => record.Partition == partition).ToArray();
            findings.AddRange(Offsets(log));
            findings.AddRange(Contents(log, byValue));
            findings.AddRange(Acknowledgements(sent.Where(record => record.Partition == partition), log));
        }

        return findings;
    }

    private static IEnumerable<Finding> Offsets(ReadRecord[] log)
    {
        for (var i = 1; i < log.Length; i++)
        {
            if (log[i].Offset != log[i - 1].Offset + 1)
            {
                yield return new Finding(Anomaly.BrokenOffsets, $"{log[i - 1]} is followed by {log[i]}");
            }
        }
    }

    private static IEnumerable<Finding> Contents(ReadRecord[] log, Dictionary<string, SentRecord> byValue)
    {
        var seen = new Dictionary<string, ReadRecord>(StringComparer.Ordinal);
        var latest = new Dictionary<int, SentRecord>();
        foreach (var record in log)
        {
            if (!byValue.TryGetValue(record.Value, out var origin) || origin.Partition != record.Partition)
            {
                yield return new Finding(Anomaly.Phantom, $"{record}");
                continue;
            }

            if (!seen.TryAdd(record.Value, record))
            {
                yield return new Finding(Anomaly.Duplicate, $"{seen[record.Value]} and {record}");
            }
            else if (latest.TryGetValue(origin.Producer, out var previous) && origin.Sequence < previous.Sequence)
            {
                yield return new Finding(Anomaly.OutOfOrder, $"{record} was sent before {previous}");
            }

            if (origin.Outcome == Outcome.Refused)
            {
                yield return new Finding(Anomaly.RefusedButStored, $"{record}");
            }

            latest[origin.Producer] = origin;
        }
    }

    private static IEnumerable<Finding> Acknowledgements(IEnumerable<SentRecord> sent, ReadRecord[] log)
    {
        var byOffset = log.GroupBy(record => record.Offset).ToDictionary(group => group.Key, group => group.First().Value);
        var end = log.Length == 0 ? 0 : log[^1].Offset + 1;
        var values = log.Select(record => record.Value).ToHashSet(StringComparer.Ordinal);
        foreach (var record in sent.Where(record => record.Outcome == Outcome.Acknowledged))
        {
            if (record.Offset < 0)
            {
                if (!values.Contains(record.Value))
                {
                    yield return new Finding(Anomaly.LostWrite, $"{record}");
                }
            }
            else if (!byOffset.TryGetValue(record.Offset, out var value))
            {
                yield return new Finding(record.Offset >= end ? Anomaly.UnseenWrite : Anomaly.LostWrite, $"{record}");
            }
            else if (value != record.Value)
            {
                yield return new Finding(Anomaly.InconsistentOffset, $"{record} reads {value}");
            }
        }
    }
}
