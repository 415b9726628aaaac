using System.Diagnostics;
using System.Globalization;

namespace OrleansLog.Cluster.Member;

/// <summary>
/// One line of a group's history. <paramref name="At"/> is a time of the machine's monotonic clock, so that events of several processes
/// can be put in order; <paramref name="Offset"/> is the record's, or the committed one.
/// </summary>
public sealed record GroupEvent(GroupEventKind Kind, long At, string Member, string Topic, int Partition, long Offset = -1, string Value = "-")
{
    private const string Mark = "event";

    public static long Now => Stopwatch.GetTimestamp();

    /// <summary>The event as a line of output; no part holds a space.</summary>
    public string ToLine() => string.Create(CultureInfo.InvariantCulture, $"{Mark} {Kind} {At} {Member} {Topic} {Partition} {Offset} {Value}");

    /// <summary>The event of a line; null for any other line, and for one that was cut off.</summary>
    public static GroupEvent? Parse(string line)
    {
        var parts = line.Split(' ');
        return parts.Length == 8 && parts[0] == Mark && Enum.TryParse<GroupEventKind>(parts[1], out var kind)
            ? new GroupEvent(kind, Number(parts[2]), parts[3], parts[4], (int)Number(parts[5]), Number(parts[6]), parts[7])
            : null;
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
