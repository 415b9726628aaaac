using System.Buffers;

namespace OrleansLog.Log;

/// <summary>What a directory inside a log directory is.</summary>
public enum PartitionDirectoryKind
{
    /// <summary>A partition: <c>topic-0</c>.</summary>
    Partition,

    /// <summary>Being deleted: <c>topic-0.UNIQUE-delete</c>.</summary>
    Delete,

    /// <summary>Assigned to nobody here: <c>topic-0.UNIQUE-stray</c>.</summary>
    Stray,

    /// <summary>Being moved between directories: <c>topic-0.UNIQUE-future</c>.</summary>
    Future,
}

/// <summary>One partition's directory.</summary>
/// <param name="Path">Its full path.</param>
/// <param name="Name">The partition; for <see cref="PartitionDirectoryKind.Delete"/> the topic's name may be cut short.</param>
/// <param name="Kind">What it is.</param>
public readonly record struct PartitionDirectory(string Path, TopicPartitionName Name, PartitionDirectoryKind Kind)
{
    private const int MaxNameLength = 255;
    private const int UniqueLength = 32;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    private static readonly (string Suffix, PartitionDirectoryKind Kind)[] Suffixes =
        [("-delete", PartitionDirectoryKind.Delete), ("-stray", PartitionDirectoryKind.Stray), ("-future", PartitionDirectoryKind.Future)];

    /// <summary>Reads a directory's name; false for one that is no partition's.</summary>
    public static bool TryParse(string parent, string name, out PartitionDirectory directory)
    {
        directory = default;
        foreach ((string suffix, PartitionDirectoryKind kind) in Suffixes)
        {
            int dot = name.Length - suffix.Length - UniqueLength - 1;
            if (dot > 0 && name.EndsWith(suffix, StringComparison.Ordinal) && name[dot] == '.'
                && !name.AsSpan(dot + 1, UniqueLength).ContainsAnyExcept(HexDigits))
            {
                bool isWhole = TopicPartitionName.TryParse(name[..dot], out TopicPartitionName moved);
                directory = new PartitionDirectory(System.IO.Path.Combine(parent, name), isWhole ? moved : new TopicPartitionName(name[..dot], -1), kind);
                return true;
            }
        }

        if (!TopicPartitionName.TryParse(name, out TopicPartitionName partition))
            return false;
        directory = new PartitionDirectory(System.IO.Path.Combine(parent, name), partition, PartitionDirectoryKind.Partition);
        return true;
    }

    /// <summary>Kafka's name for a partition that is being deleted, moved or is astray; the topic is cut where the file system's limit needs it.</summary>
    internal static string NameFor(TopicPartitionName partition, PartitionDirectoryKind kind, Guid unique)
    {
        string suffix = $".{unique:N}{Suffixes.First(known => known.Kind == kind).Suffix}";
        string name = partition.ToString();
        return name[..Math.Min(name.Length, MaxNameLength - suffix.Length)] + suffix;
    }
}
