using OrleansLog.Grains.Timing;

namespace OrleansLog.Grains.Appending;

/// <summary>
/// The bound on bytes that wait for the disk, over all appenders (<c>orleanslog.appender.queue.max.bytes</c>). A batch that finds
/// no room waits its turn without a thread; its caller awaits, which is the back-pressure. Beyond
/// <c>orleanslog.appender.waiting.max</c> waiting batches it is refused with a retriable error.
/// </summary>
internal sealed class AppendAdmission(long maxBytes, int maxWaiting, TimerWheel wheel)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<AppendRequest> _waiting = new();
    private long _bytes;

    /// <summary>Bytes admitted and not yet written.</summary>
    public long QueuedBytes => Interlocked.Read(ref _bytes);

    /// <summary>Batches that wait for room.</summary>
    public int WaitingCount
    {
        get
        {
            lock (_gate)
                return _waiting.Count;
        }
    }

    /// <summary>Queues a batch now or when there is room; false when too many wait already.</summary>
    public bool TryAdmit(AppendRequest request)
    {
        lock (_gate)
        {
            // One that is larger than the whole bound is let in when the queue is empty, or it would wait for ever.
            if (_waiting.Count > 0 || (_bytes > 0 && _bytes + request.QueuedBytes > maxBytes))
            {
                if (_waiting.Count >= maxWaiting)
                    return false;

                _waiting.AddLast(request);
                wheel.Schedule(request, request.TimeoutMs);
                return true;
            }

            _bytes += request.QueuedBytes;
        }

        request.Partition!.Enqueue(request);
        return true;
    }

    /// <summary>A group was written, or refused: there is room again.</summary>
    public void Release(long bytes)
    {
        lock (_gate)
        {
            _bytes -= bytes;
            while (_waiting.First is { Value: var next } && (_bytes == 0 || _bytes + next.QueuedBytes <= maxBytes))
            {
                _waiting.RemoveFirst();
                wheel.Cancel(next);
                _bytes += next.QueuedBytes;
                next.Partition!.Enqueue(next);
            }
        }
    }

    /// <summary>Its time ran out while it waited for room; true when it still did, and is now out.</summary>
    public bool Withdraw(AppendRequest request, int generation)
    {
        lock (_gate)
            return request.Generation == generation && _waiting.Remove(request);
    }

    /// <summary>Takes out everything that waits for room: the broker stops.</summary>
    public List<AppendRequest> WithdrawAll()
    {
        lock (_gate)
        {
            List<AppendRequest> all = [.. _waiting];
            _waiting.Clear();
            foreach (var request in all)
                wheel.Cancel(request);

            return all;
        }
    }
}
