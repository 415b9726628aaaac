using System.Text;
using OrleansLog.Protocol;

namespace OrleansLog.Log;

/// <summary>A partition's <c>partition.metadata</c>: the topic id, so that a topic created again by the same name is another one.</summary>
internal static class PartitionMetadata
{
    private const string FileName = "partition.metadata";

    /// <summary>Writes it; durable after <see cref="Sync"/>, until when a power loss may leave it out, or empty.</summary>
    internal static void Write(IDisk disk, string directory, Uuid topicId)
    {
        using IDiskFile file = disk.Open(Path.Combine(directory, FileName), DiskOpen.CreateOrTruncate);
        file.Write(0, Encoding.UTF8.GetBytes($"version: 0\ntopic_id: {topicId}"));
    }

    /// <summary>Makes the file durable, and the names in its directory.</summary>
    internal static void Sync(IDisk disk, string directory)
    {
        using (IDiskFile file = disk.Open(Path.Combine(directory, FileName), DiskOpen.ReadWrite))
            file.Sync(dataOnly: false);
        disk.SyncDirectory(directory);
    }

    internal static Uuid? TryRead(IDisk disk, string directory)
    {
        string path = Path.Combine(directory, FileName);
        string? text = AtomicFile.TryRead(disk, path);
        if (text is null)
            return null;
        Dictionary<string, string> entries = PropertiesText.Parse(path, text, ':');
        if (entries.GetValueOrDefault("version") != "0")
            throw new CheckpointFormatException(path, 0, "expected version: 0.");
        return Uuid.TryParse(entries.GetValueOrDefault("topic_id"), out Uuid topicId) ? topicId
            : throw new CheckpointFormatException(path, 0, "topic_id is missing or no uuid.");
    }
}
