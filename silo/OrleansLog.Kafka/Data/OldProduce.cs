using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Data;

/// <summary>
/// Produce in the versions 0 to 2, which Kafka 4 dropped and still advertises (librdkafka 2.0 leaves compression off otherwise). They are read
/// only as far as an answer in their shape needs: UNSUPPORTED_VERSION for each partition.
/// </summary>
internal sealed class OldProduce : IMessage
{
    /// <summary>First version that is served.</summary>
    public const short FirstServedVersion = 3;

    private const int LeastTopicBytes = 6;
    private const int LeastPartitionBytes = 8;
    private const int PartitionMemoryBytes = sizeof(int);
    private const int TopicMemoryBytes = 64;

    private readonly List<(string Name, int[] Partitions)> _topics = [];

    private OldProduce(short acks) => Acks = acks;

    /// <summary>0: the client waits for no answer.</summary>
    public short Acks { get; }

    /// <summary>Reads a request; null with the reader's fault when it is none.</summary>
    public static OldProduce? Read(ref MessageReader reader)
    {
        var request = new OldProduce(reader.ReadInt16());
        _ = reader.ReadInt32();
        var topics = reader.ReadCount(flexible: false, nullable: false, LeastTopicBytes, TopicMemoryBytes);
        for (var i = 0; i < topics && !reader.Failed; i++)
        {
            var name = reader.ReadString(flexible: false);
            var partitions = new int[Math.Max(0, reader.ReadCount(flexible: false, nullable: false, LeastPartitionBytes, PartitionMemoryBytes))];
            for (var j = 0; j < partitions.Length && !reader.Failed; j++)
            {
                partitions[j] = reader.ReadInt32();
                _ = reader.ReadNullableRecords(flexible: false);
            }

            request._topics.Add((name, partitions));
        }

        reader.ExpectEnd();
        return reader.Failed ? null : request;
    }

    /// <summary>Writes the answer: the request knows all that there is to say.</summary>
    public void Write(ref MessageWriter writer, short version)
    {
        writer.WriteInt32(_topics.Count);
        foreach (var (name, partitions) in _topics)
        {
            writer.WriteString(name, flexible: false);
            writer.WriteInt32(partitions.Length);
            foreach (var partition in partitions)
            {
                writer.WriteInt32(partition);
                writer.WriteErrorCode(ErrorCode.UnsupportedVersion);
                writer.WriteInt64(-1);
                if (version >= 2)
                    writer.WriteInt64(-1);
            }
        }

        if (version >= 1)
            writer.WriteInt32(0);
    }
}
