using OrleansLog.Protocol;

namespace OrleansLog.Client;

/// <summary>The partitioners that come with the SDK.</summary>
public static class Partitioner
{
    /// <summary>What a partitioner answers to leave the record to the sticky partition: one for a batch's worth of bytes, then another.</summary>
    public const int Sticky = -1;

    /// <summary>murmur2 of the key, as the Java client; sticky without key.</summary>
    public static IPartitioner Default { get; } = new MurmurPartitioner();

    /// <summary>One partition after the other, record by record, whatever the key; spreads evenly, batches badly.</summary>
    public static IPartitioner RoundRobin() => new RoundRobinPartitioner();

    private sealed class MurmurPartitioner : IPartitioner
    {
        public int Choose(string topic, ReadOnlySpan<byte> key, bool keyIsNull, int partitionCount) =>
            keyIsNull ? Sticky : Murmur2.Partition(key, partitionCount);
    }

    private sealed class RoundRobinPartitioner : IPartitioner
    {
        private uint _next = uint.MaxValue;

        public int Choose(string topic, ReadOnlySpan<byte> key, bool keyIsNull, int partitionCount) =>
            (int)(Interlocked.Increment(ref _next) % (uint)partitionCount);
    }
}
