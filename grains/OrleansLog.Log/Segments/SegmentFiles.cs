using System.Globalization;

namespace OrleansLog.Log;

/// <summary>Names of the files of a partition (L4): 20 digits of base offset and a suffix.</summary>
internal static class SegmentFiles
{
    internal const string Log = ".log";
    internal const string Index = ".index";
    internal const string TimeIndex = ".timeindex";
    internal const string TxnIndex = ".txnindex";
    internal const string Snapshot = ".snapshot";
    internal const string Deleted = ".deleted";
    internal const string Cleaned = ".cleaned";
    internal const string Swap = ".swap";
    internal const string Temporary = ".tmp";
    internal const string LeaderEpochs = "leader-epoch-checkpoint";
    internal const string Quarantine = "orleanslog.quarantine";

    private const int Digits = 20;

    /// <summary>What belongs to a segment and goes with it. The log first: without it the others are orphans.</summary>
    internal static readonly string[] OfSegment = [Log, Index, TimeIndex, TxnIndex, Snapshot];

    internal static string Name(long baseOffset, string suffix) =>
        baseOffset.ToString("D20", CultureInfo.InvariantCulture) + suffix;

    internal static string PathOf(string directory, long baseOffset, string suffix) =>
        Path.Combine(directory, Name(baseOffset, suffix));

    /// <summary>Reads a name into base offset and suffix; false for every name that is not a segment's file.</summary>
    internal static bool TryParse(string name, out long baseOffset, out string suffix)
    {
        suffix = "";
        baseOffset = 0;
        if (name.Length <= Digits || name[Digits] != '.')
            return false;
        suffix = name[Digits..];
        return long.TryParse(name.AsSpan(0, Digits), NumberStyles.None, CultureInfo.InvariantCulture, out baseOffset);
    }
}
