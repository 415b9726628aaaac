using System.Collections.Concurrent;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Network;

/// <summary>Buffers for answers, kept for the next one within a bound.</summary>
internal static class MessageBuffers
{
    private const int MostKept = 64;
    private const int LargestKeptBytes = 256 * 1024;
    private const int FirstBytes = 4096;

    private static readonly ConcurrentBag<MessageBuffer> Kept = [];

    public static MessageBuffer Rent() => Kept.TryTake(out var buffer) ? buffer : new MessageBuffer(FirstBytes);

    public static void Return(MessageBuffer buffer)
    {
        if (buffer.Capacity > LargestKeptBytes || Kept.Count >= MostKept)
        {
            buffer.Dispose();
            return;
        }

        buffer.Clear();
        Kept.Add(buffer);
    }
}
