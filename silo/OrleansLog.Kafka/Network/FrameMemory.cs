using System.Buffers;

namespace OrleansLog.Kafka.Network;

/// <summary>The memory of all requests of a broker: where it comes from and how much there may be (<c>queued.max.request.bytes</c>).</summary>
/// <remarks>
/// Small requests and large ones have budgets of their own, so that neither waits for the other. A large one enters its budget
/// when its first <see cref="FirstStepBytes"/> have arrived, and takes of it as its bytes come: a length alone costs nothing.
/// </remarks>
internal sealed class FrameMemory
{
    /// <summary>What a request gets before it has sent anything.</summary>
    public const int FirstStepBytes = 64 * 1024;

    /// <summary>Every fourth byte of the bound is for small requests.</summary>
    private const int SmallShare = 4;

    private readonly MemoryBudget _small;
    private readonly MemoryBudget _large;

    public FrameMemory(long limitBytes)
    {
        _small = new MemoryBudget(limitBytes / SmallShare);
        _large = new MemoryBudget(limitBytes - (limitBytes / SmallShare));
    }

    /// <summary>Bytes of requests in memory.</summary>
    public long UsedBytes => _small.UsedBytes + _large.UsedBytes;

    /// <summary>The bound that a configuration means.</summary>
    public static long LimitBytes(long configuredBytes, int largestRequestBytes) =>
        configuredBytes >= 0 ? configuredBytes : Math.Max(2L * largestRequestBytes, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);

    /// <summary>Requests that wait for room.</summary>
    public int Waiting => _small.Waiting + _large.Waiting;

    /// <summary>The large request that has waited longest for room, to be told from the next one, and the bytes that all of them wait for; null when none does.</summary>
    public object? OldestLarge(out long wantedBytes) => _large.Oldest(out wantedBytes);

    /// <summary>Takes bytes of a large request if that needs no wait.</summary>
    public bool TryTakeLarge(long bytes) => _large.TryTake(bytes);

    /// <summary>Takes bytes of a request, now or when others have given theirs back; a large one keeps what it holds meanwhile.</summary>
    public ValueTask TakeAsync(long bytes, bool isLarge, long heldBytes, CancellationToken cancellationToken) =>
        (isLarge ? _large : _small).TakeAsync(bytes, heldBytes, cancellationToken);

    public void Release(long bytes, bool isLarge) => (isLarge ? _large : _small).Release(bytes);

    public static byte[] Rent(int bytes) => ArrayPool<byte>.Shared.Rent(bytes);

    public static void Return(byte[] array) => ArrayPool<byte>.Shared.Return(array);
}
