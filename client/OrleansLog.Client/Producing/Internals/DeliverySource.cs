using System.Collections.Concurrent;
using System.Threading.Tasks.Sources;

namespace OrleansLog.Client;

/// <summary>The pooled promise behind a <c>ProduceAsync</c>; its continuation runs on the pool, never on the sender's path.</summary>
internal sealed class DeliverySource : IValueTaskSource<DeliveryResult>
{
    private const int PooledMax = 16 * 1024;

    private static readonly ConcurrentQueue<DeliverySource> Pool = new();
    private static int s_pooled;

    private ManualResetValueTaskSourceCore<DeliveryResult> _core = new() { RunContinuationsAsynchronously = true };

    public ValueTask<DeliveryResult> Task => new(this, _core.Version);

    public static DeliverySource Rent()
    {
        if (!Pool.TryDequeue(out var source))
            return new DeliverySource();
        Interlocked.Decrement(ref s_pooled);
        return source;
    }

    /// <summary>Gives back one that nobody awaits.</summary>
    public void Return()
    {
        _core.Reset();
        if (Interlocked.Increment(ref s_pooled) <= PooledMax)
            Pool.Enqueue(this);
        else
            Interlocked.Decrement(ref s_pooled);
    }

    public void SetResult(in DeliveryResult result) => _core.SetResult(result);

    public void SetException(Exception error) => _core.SetException(error);

    DeliveryResult IValueTaskSource<DeliveryResult>.GetResult(short token)
    {
        // A token of an earlier life throws here, before the object could be given back twice.
        if (_core.GetStatus(token) == ValueTaskSourceStatus.Pending)
            throw new InvalidOperationException("The delivery is not complete; await it, or take AsTask().");
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            Return();
        }
    }

    ValueTaskSourceStatus IValueTaskSource<DeliveryResult>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<DeliveryResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
