using System.Globalization;
using OrleansLog.Protocol;

namespace OrleansLog.Log;

/// <summary>A log directory's <c>meta.properties</c>, version 1: whose it is.</summary>
internal sealed record MetaProperties(int NodeId, string? ClusterId, Uuid DirectoryId)
{
    internal const string FileName = "meta.properties";

    internal static MetaProperties? TryRead(IDisk disk, string path)
    {
        string? text = AtomicFile.TryRead(disk, path);
        if (text is null)
            return null;
        Dictionary<string, string> entries = PropertiesText.Parse(path, text);
        if (entries.GetValueOrDefault("version") != "1")
            throw new CheckpointFormatException(path, 0, "expected version=1 (a directory of Kafka before KRaft has 0 and has to be migrated there).");
        string node = entries.GetValueOrDefault("node.id") ?? "";
        if (!int.TryParse(node, NumberStyles.None, CultureInfo.InvariantCulture, out int nodeId))
            throw new CheckpointFormatException(path, 0, "node.id is missing or no number.");
        // Kafka's tools leave the directory id out until the broker has one.
        Uuid directoryId = Uuid.Zero;
        if (entries.TryGetValue("directory.id", out string? id) && !Uuid.TryParse(id, out directoryId))
            throw new CheckpointFormatException(path, 0, "directory.id is no uuid.");
        return new MetaProperties(nodeId, entries.GetValueOrDefault("cluster.id"), directoryId);
    }

    internal void Write(IDisk disk, string path)
    {
        string node = NodeId.ToString(CultureInfo.InvariantCulture);
        AtomicFile.Write(disk, path, ClusterId is null
            ? PropertiesText.Format(("node.id", node), ("directory.id", DirectoryId.ToString()), ("version", "1"))
            : PropertiesText.Format(("node.id", node), ("directory.id", DirectoryId.ToString()), ("version", "1"), ("cluster.id", ClusterId)));
    }
}
