namespace OrleansLog.Kafka.Network;

/// <summary>
/// Finds memory for large requests that wait for it, where clients hold it and do nothing: those connections are cut, the one that holds the most
/// first, until there is enough. Who keeps the pace is never cut, and nobody is while nobody waits.
/// </summary>
/// <param name="memory">The memory of requests.</param>
/// <param name="leastBytesPerSecond"><c>orleanslog.request.pace.min.bytes.per.second</c>; 0: off.</param>
/// <param name="time">The clock.</param>
internal sealed class MemoryRelief(FrameMemory memory, long leastBytesPerSecond, TimeProvider time)
{
    private object? _waiter;
    private long _lookedAt;

    /// <summary>One look, of every sweep. Cuts only when the same request has waited since the last one.</summary>
    public void Look(IEnumerable<KafkaConnection> connections)
    {
        if (leastBytesPerSecond == 0)
            return;

        var waiter = memory.OldestLarge(out var wanted);
        var hasWaited = waiter is not null && ReferenceEquals(waiter, _waiter);
        var leastBytes = time.GetElapsedTime(_lookedAt).TotalSeconds * leastBytesPerSecond;
        (_waiter, _lookedAt) = (waiter, time.GetTimestamp());
        if (waiter is null)
            return;

        var idle = new List<(KafkaConnection Connection, long HeldBytes)>();
        foreach (var connection in connections)
        {
            if (connection.IdlyHeldBytes(leastBytes) is > 0 and var held && hasWaited)
                idle.Add((connection, held));
        }

        foreach (var (connection, held) in idle.OrderByDescending(static one => one.HeldBytes))
        {
            if (wanted <= 0)
                return;

            connection.AbortForMemory(held);
            wanted -= held;
        }
    }
}
