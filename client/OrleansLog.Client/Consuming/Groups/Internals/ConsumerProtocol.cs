using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace OrleansLog.Client;

/// <summary>
/// What members tell each other through the coordinator (ConsumerProtocolSubscription, written at version 2; ConsumerProtocolAssignment).
/// What is read came from other programs: nothing in it is believed before it was checked.
/// </summary>
internal static class ConsumerProtocol
{
    private const short SubscriptionVersion = 2;

    /// <summary>A subscription with what the member had, so that a sticky assignor can leave it there.</summary>
    public static byte[] Subscription(IReadOnlyList<string> topics, IEnumerable<TopicPartition> owned, int generation)
    {
        var output = new ArrayBufferWriter<byte>(256);
        WriteInt16(output, SubscriptionVersion);
        WriteInt32(output, topics.Count);
        foreach (var topic in topics)
            WriteString(output, topic);
        WriteInt32(output, -1); // No user data.
        var byTopic = owned.GroupBy(static partition => partition.Topic, static partition => partition.Partition, StringComparer.Ordinal)
            .OrderBy(static group => group.Key, StringComparer.Ordinal).ToArray();
        WriteInt32(output, byTopic.Length);
        foreach (var group in byTopic)
        {
            WriteString(output, group.Key);
            int[] partitions = [.. group.Order()];
            WriteInt32(output, partitions.Length);
            foreach (var partition in partitions)
                WriteInt32(output, partition);
        }

        WriteInt32(output, generation);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>The topics that the members of a group want; those of a member that cannot be read are left out.</summary>
    public static IReadOnlySet<string> TopicsOf(IEnumerable<JoinedMember> members)
    {
        var all = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in members)
            all.UnionWith(TryReadTopics(member.Metadata));
        return all;
    }

    /// <summary>The topics of a subscription.</summary>
    public static IReadOnlyList<string> TryReadTopics(ReadOnlyMemory<byte> subscription)
    {
        var reader = new Reader(subscription.Span);
        reader.Int16();
        var topics = new List<string>();
        for (var left = reader.Count(2); left > 0; left--)
            topics.Add(reader.String());
        return reader.HasFailed ? [] : topics;
    }

    /// <summary>Reads an assignment; an empty one, which a coordinator may answer, assigns nothing.</summary>
    public static bool TryReadAssignment(ReadOnlyMemory<byte> assignment, out TopicPartition[] partitions)
    {
        partitions = [];
        if (assignment.IsEmpty)
            return true;
        var reader = new Reader(assignment.Span);
        reader.Int16();
        var read = new List<TopicPartition>();
        for (var topics = reader.Count(6); topics > 0; topics--)
        {
            var topic = reader.String();
            for (var left = reader.Count(4); left > 0; left--)
                read.Add(new TopicPartition(topic, reader.Int32()));
        }

        if (reader.HasFailed || read.Exists(static partition => partition.Topic.Length == 0 || partition.Partition < 0))
            return false;
        partitions = [.. read.Distinct()];
        return true;
    }

    private static void WriteInt16(ArrayBufferWriter<byte> output, short value)
    {
        BinaryPrimitives.WriteInt16BigEndian(output.GetSpan(2), value);
        output.Advance(2);
    }

    private static void WriteInt32(ArrayBufferWriter<byte> output, int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(output.GetSpan(4), value);
        output.Advance(4);
    }

    private static void WriteString(ArrayBufferWriter<byte> output, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        WriteInt16(output, checked((short)bytes.Length));
        output.Write(bytes);
    }

    private ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> _rest = bytes;

        public bool HasFailed { get; private set; }

        public short Int16() => TryTake(2, out var taken) ? BinaryPrimitives.ReadInt16BigEndian(taken) : (short)0;

        public int Int32() => TryTake(4, out var taken) ? BinaryPrimitives.ReadInt32BigEndian(taken) : 0;

        public string String() => TryTake(Int16(), out var taken) ? Encoding.UTF8.GetString(taken) : "";

        // An array's count; what cannot be there in the bytes that are left is refused before anything is made for it.
        public int Count(int elementBytesMin)
        {
            var count = Int32();
            if (count >= 0 && count <= _rest.Length / elementBytesMin)
                return count;
            HasFailed = true;
            return 0;
        }

        private bool TryTake(int count, out ReadOnlySpan<byte> taken)
        {
            HasFailed |= count < 0 || count > _rest.Length;
            taken = HasFailed ? default : _rest[..count];
            _rest = HasFailed ? default : _rest[count..];
            return !HasFailed;
        }
    }
}
