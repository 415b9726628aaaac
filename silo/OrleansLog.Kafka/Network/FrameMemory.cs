using System.Buffers;

namespace OrleansLog.Kafka.Network;

/// <summary>The memory of all requests of a broker: where it comes from and how much there may be (<c>queued.max.request.bytes</c>).</summary>
/// <remarks>
/// Small requests and large ones have budgets of their own, so that neither waits for the other. A large one enters its budget
/// only when its first <see cref="FirstStepBytes"/> have arrived: a length alone costs nothing.
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

    public ValueTask TakeAsync(long bytes, bool isLarge, CancellationToken cancellationToken) =>
        (isLarge ? _large : _small).TakeAsync(bytes, cancellationToken);

    public void Release(long bytes, bool isLarge) => (isLarge ? _large : _small).Release(bytes);

    public static byte[] Rent(int bytes) => ArrayPool<byte>.Shared.Rent(bytes);

    public static void Return(byte[] array) => ArrayPool<byte>.Shared.Return(array);
}
