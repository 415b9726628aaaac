using System.Globalization;

namespace OrleansLog.Log;

/// <summary>A topic's name and a partition's number; its text is the partition's directory name, <c>topic-0</c>.</summary>
/// <param name="Topic">The topic's name.</param>
/// <param name="Partition">The partition's number, from 0.</param>
public readonly record struct TopicPartitionName(string Topic, int Partition)
{
    /// <summary>Reads <c>topic-0</c>; the last dash separates.</summary>
    public static bool TryParse(string? text, out TopicPartitionName name)
    {
        name = default;
        int dash = text?.LastIndexOf('-') ?? -1;
        if (dash <= 0 || !int.TryParse(text.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int partition))
            return false;
        name = new TopicPartitionName(text![..dash], partition);
        return name.ToString() == text;
    }

    /// <summary>The directory name.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Topic}-{Partition}");
}
