using System.Globalization;

namespace OrleansLog.Cli;

/// <summary>The files of a log directory that can be looked into.</summary>
internal enum DumpedFileKind
{
    /// <summary>Not one of them.</summary>
    Unknown,

    /// <summary><c>.log</c>: record batches.</summary>
    Log,

    /// <summary><c>.index</c>: offset to position, 8 bytes an entry.</summary>
    OffsetIndex,

    /// <summary><c>.timeindex</c>: timestamp to offset, 12 bytes an entry.</summary>
    TimeIndex,

    /// <summary><c>.txnindex</c>: aborted transactions, 34 bytes an entry.</summary>
    TransactionIndex,

    /// <summary><c>leader-epoch-checkpoint</c>: epoch and start offset.</summary>
    LeaderEpochs,

    /// <summary><c>*-offset-checkpoint</c>: topic, partition, offset.</summary>
    OffsetCheckpoint,

    /// <summary><c>meta.properties</c>, <c>partition.metadata</c>: names and values.</summary>
    Properties,
}

/// <summary>Tells files by their names.</summary>
internal static class DumpedFileKinds
{
    private const int OffsetDigits = 20;

    public static DumpedFileKind Of(string path)
    {
        var name = Path.GetFileName(path);
        return name switch
        {
            "leader-epoch-checkpoint" => DumpedFileKind.LeaderEpochs,
            "meta.properties" or "partition.metadata" => DumpedFileKind.Properties,
            _ when name.EndsWith("-offset-checkpoint", StringComparison.Ordinal) => DumpedFileKind.OffsetCheckpoint,
            _ => Path.GetExtension(WithoutSuffix(name)) switch
            {
                ".log" => DumpedFileKind.Log,
                ".index" => DumpedFileKind.OffsetIndex,
                ".timeindex" => DumpedFileKind.TimeIndex,
                ".txnindex" => DumpedFileKind.TransactionIndex,
                _ => DumpedFileKind.Unknown,
            },
        };
    }

    /// <summary>The offset that a segment's file is named after, or -1.</summary>
    public static long BaseOffsetOf(string path)
    {
        var name = Path.GetFileName(path);
        return name.Length > OffsetDigits && name[OffsetDigits] == '.'
            && long.TryParse(name.AsSpan(0, OffsetDigits), NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
            ? offset : -1;
    }

    // 00000000000000000000.log.deleted is still a log to look into.
    private static string WithoutSuffix(string name)
    {
        var extension = Path.GetExtension(name);
        return extension is ".deleted" or ".cleaned" or ".swap" or ".quarantined" ? Path.GetFileNameWithoutExtension(name) : name;
    }
}
