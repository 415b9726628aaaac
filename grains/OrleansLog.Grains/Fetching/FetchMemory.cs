namespace OrleansLog.Grains.Fetching;

/// <summary>
/// The bytes that answers to fetches hold until they are sent, of all clients together (<c>orleanslog.fetch.memory.max.bytes</c>).
/// Nobody waits for room: a fetch that finds none gets one batch, so that each client goes on, slowly.
/// </summary>
internal sealed class FetchMemory(long limitBytes)
{
    private long _usedBytes;

    /// <summary>Bytes of answers that are not sent yet.</summary>
    public long UsedBytes => Interlocked.Read(ref _usedBytes);

    /// <summary>The bound that a configuration means: -1 is a quarter of the memory, and two of the largest answers at least.</summary>
    public static long LimitBytes(long configuredBytes, int largestAnswerBytes) =>
        configuredBytes >= 0 ? configuredBytes : Math.Max(2L * largestAnswerBytes, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);

    /// <summary>Sets bytes aside for an answer: what is asked for, or what is left.</summary>
    public long Reserve(long wantedBytes)
    {
        var before = Interlocked.Add(ref _usedBytes, wantedBytes) - wantedBytes;
        var granted = Math.Clamp(limitBytes - before, 0, wantedBytes);
        Interlocked.Add(ref _usedBytes, granted - wantedBytes);
        return granted;
    }

    /// <summary>What was read is more or less than what was set aside; less than zero gives back.</summary>
    public void Adjust(long bytes) => Interlocked.Add(ref _usedBytes, bytes);
}
