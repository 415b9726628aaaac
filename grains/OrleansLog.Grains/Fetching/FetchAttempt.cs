using OrleansLog.Grains.Partitions;
using OrleansLog.Log;

namespace OrleansLog.Grains.Fetching;

/// <summary>One pass over the partitions of a fetch: what is there now, within the request's limits.</summary>
internal readonly struct FetchAttempt
{
    private readonly LogRead[] _reads;
    private readonly FetchMemory _memory;

    private FetchAttempt(FetchPartitionResult[] results, LogRead[] reads, FetchMemory memory, long bytes, bool hasError)
    {
        Results = results;
        _reads = reads;
        _memory = memory;
        Bytes = bytes;
        HasError = hasError;
    }

    public FetchPartitionResult[] Results { get; }

    /// <summary>Bytes read in all.</summary>
    public long Bytes { get; }

    /// <summary>True when a partition has an error, which is answered at once.</summary>
    public bool HasError { get; }

    /// <summary>Reads every partition in the order of the request; the first with data gets at least one whole batch.</summary>
    public static FetchAttempt Read(FetchRequest request, int brokerMaxBytes, FetchMemory memory, IFetchSource source)
    {
        var results = new FetchPartitionResult[request.Partitions.Length];
        var reads = new LogRead[results.Length];
        var reserved = memory.Reserve(Math.Clamp(request.MaxBytes, 0, brokerMaxBytes));
        var left = reserved;
        var bytes = 0L;
        var hasError = false;
        for (var i = 0; i < results.Length; i++)
        {
            ref readonly var wanted = ref request.Partitions[i];
            if (source.Find(wanted.Partition, out var refusal) is not { } partition)
            {
                results[i] = new() { Error = refusal, HighWatermark = -1, LastStableOffset = -1, LogStartOffset = -1 };
                hasError = true;
                continue;
            }

            var maxBytes = (int)Math.Min(left, Math.Max(0, wanted.MaxBytes));
            results[i] = partition.Read(wanted, maxBytes, atLeastOneBatch: bytes == 0, out reads[i]);
            hasError |= results[i].Error != ErrorCode.None;
            bytes += results[i].Records.Length;
            left = Math.Max(0, left - results[i].Records.Length);
        }

        memory.Adjust(bytes - reserved);
        return new FetchAttempt(results, reads, memory, bytes, hasError);
    }

    /// <summary>The answer; its memory goes back when it is disposed.</summary>
    public FetchResult ToPooledResult() => new(Results, Bytes == 0 ? null : new PooledReads(_reads, _memory, Bytes));

    /// <summary>The answer with memory of its own, for callers that cannot dispose it: a grain's, which is serialized after the call has ended.</summary>
    public FetchResult ToOwnedResult()
    {
        for (var i = 0; i < Results.Length; i++)
        {
            if (!Results[i].Records.IsEmpty)
                Results[i] = Results[i] with { Records = Results[i].Records.ToArray() };
        }

        Dispose();
        return new FetchResult(Results);
    }

    /// <summary>Gives the memory back of an attempt that is not answered.</summary>
    public void Dispose()
    {
        foreach (var read in _reads)
            read.Dispose();

        _memory.Adjust(-Bytes);
    }
}

/// <summary>Finds open partitions by name.</summary>
internal interface IFetchSource
{
    /// <summary>The partition, or null with the error that a client gets for it.</summary>
    Partition? Find(TopicPartition name, out ErrorCode refusal);
}
