using OrleansLog.Log;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Groups;

/// <summary>Kafka's OffsetCommitKey and OffsetCommitValue.</summary>
internal static class OffsetRecords
{
    public static byte[] Key(string groupId, TopicPartitionName partition) =>
        new RecordWriter().Int16(1).String(groupId).String(partition.Topic).Int32(partition.Partition).ToArray();

    public static GroupRecord Tombstone(string groupId, TopicPartitionName partition) => new(Key(groupId, partition), null);

    /// <summary>Version 4; version 1 where the client chose when the offset expires, as no later one can say it.</summary>
    public static GroupRecord Record(string groupId, TopicPartitionName partition, in StoredOffset offset)
    {
        var value = offset.ExpireUnixMs >= 0
            ? new RecordWriter().Int16(1).Int64(offset.Offset).String(offset.Metadata).Int64(offset.CommitUnixMs).Int64(offset.ExpireUnixMs)
            : new RecordWriter().Int16(4).Int64(offset.Offset).Int32(offset.LeaderEpoch).CompactString(offset.Metadata).Int64(offset.CommitUnixMs);
        if (offset.ExpireUnixMs < 0)
        {
            value.UnsignedVarint(offset.TopicId.IsZero ? 0u : 1);
            if (!offset.TopicId.IsZero)
                value.UnsignedVarint(0).UnsignedVarint(Uuid.Size).Uuid(offset.TopicId);
        }

        return new(Key(groupId, partition), value.ToArray());
    }

    /// <summary>Reads a value; false when its version is not known or the bytes are not one.</summary>
    public static bool TryRead(ReadOnlySpan<byte> value, out StoredOffset offset)
    {
        var reader = new RecordReader(value);
        var version = reader.Int16();
        offset = default;
        if (version is < 0 or > 4)
            return false;

        var position = reader.Int64();
        var leaderEpoch = version >= 3 ? reader.Int32() : -1;
        var metadata = reader.String(compact: version >= 4) ?? "";
        var committed = reader.Int64();
        var expires = version == 1 ? reader.Int64() : -1;
        var topicId = version >= 4 ? ReadTopicId(ref reader) : default;
        offset = new(position, leaderEpoch, metadata, committed, expires, topicId);
        return !reader.Failed;
    }

    private static Uuid ReadTopicId(ref RecordReader reader)
    {
        Uuid topicId = default;
        for (var tags = reader.UnsignedVarint(); tags > 0 && !reader.Failed; tags--)
        {
            var tag = reader.UnsignedVarint();
            var bytes = reader.Take((int)reader.UnsignedVarint());
            if (tag == 0 && bytes.Length == Uuid.Size)
                topicId = new Uuid(bytes);
        }

        return topicId;
    }
}
