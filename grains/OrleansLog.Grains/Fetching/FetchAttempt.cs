using OrleansLog.Grains.Partitions;
using OrleansLog.Log;

namespace OrleansLog.Grains.Fetching;

/// <summary>One pass over the partitions of a fetch: what is there now, within the request's limits.</summary>
internal readonly struct FetchAttempt
{
    private readonly LogRead[] _reads;
    private readonly FetchMemory _memory;

    private FetchAttempt(FetchRequest request, LogRead[] reads, FetchMemory memory)
    {
        Results = new FetchPartitionResult[request.Partitions.Length];
        _reads = reads;
        _memory = memory;
    }

    public FetchPartitionResult[] Results { get; }

    /// <summary>Bytes read in all.</summary>
    public long Bytes { get; private init; }

    /// <summary>Bytes that are there, of each partition up to its maximum: also those of a batch that does not fit whole.</summary>
    public long AvailableBytes { get; private init; }

    /// <summary>Bytes worth waiting for: no more than an answer to the request may have.</summary>
    public long MinBytes { get; private init; }

    /// <summary>True when a partition has an error, which is answered at once.</summary>
    public bool HasError { get; private init; }

    /// <summary>True when a wait could bring nothing that this answer lacks.</summary>
    public bool IsEnough { get; private init; }

    /// <summary>True when it was given up, as what it came to is not in memory; to be disposed then.</summary>
    public bool IsCold { get; private init; }

    /// <summary>Reads every partition in the order of the request; the first with data gets at least one whole batch.</summary>
    /// <param name="request">What to read.</param>
    /// <param name="brokerMaxBytes">Most bytes of an answer.</param>
    /// <param name="memory">What the answer's bytes are set aside from.</param>
    /// <param name="source">The partitions.</param>
    /// <param name="cachedOnly">Do not wait for the disk, see <see cref="IsCold"/>.</param>
    public static FetchAttempt Read(FetchRequest request, int brokerMaxBytes, FetchMemory memory, IFetchSource source, bool cachedOnly)
    {
        var answerMaxBytes = Math.Clamp(request.MaxBytes, 0, brokerMaxBytes);
        var attempt = new FetchAttempt(request, new LogRead[request.Partitions.Length], memory) { Bytes = memory.Reserve(answerMaxBytes) };
        try
        {
            return attempt.Read(request, answerMaxBytes, source, cachedOnly);
        }
        catch
        {
            attempt.Dispose();
            throw;
        }
    }

    private FetchAttempt Read(FetchRequest request, int answerMaxBytes, IFetchSource source, bool cachedOnly)
    {
        var reserved = Bytes;
        var left = reserved;
        var (bytes, available, countable) = (0L, 0L, 0L);
        var (hasError, isCold, isEnough) = (false, false, request.Partitions.Length == 0);
        for (var i = 0; i < request.Partitions.Length; i++)
        {
            ref readonly var wanted = ref request.Partitions[i];
            if (source.Find(wanted.Partition, out var refusal) is not { } partition)
            {
                Results[i] = new() { Error = refusal, HighWatermark = -1, LastStableOffset = -1, LogStartOffset = -1 };
                hasError = true;
                continue;
            }

            var maxBytes = (int)Math.Min(left, Math.Max(0, wanted.MaxBytes));
            ref readonly var read = ref _reads[i];
            Results[i] = partition.Read(wanted, maxBytes, atLeastOneBatch: bytes == 0, out _reads[i], request.AllowsFollower, request.Rack, cachedOnly);
            if (read.IsCold)
            {
                isCold = true;
                break;
            }

            var length = read.Data.Length;
            hasError |= Results[i].Error != ErrorCode.None;
            isEnough |= Results[i].PreferredReadReplica is not null || Results[i].Diverging is not null;
            isEnough |= read.HasMore && (maxBytes == left || partition.IsBehind(wanted.FetchOffset, Results[i].HighWatermark));
            available += read.HasMore ? Math.Max(maxBytes, length) : length;
            countable += CountableBytes(wanted);
            bytes += length;
            left = Math.Max(0, left - length);
        }

        _memory.Adjust(bytes - reserved);
        var minBytes = Math.Min(request.MinBytes, Math.Min(answerMaxBytes, countable));
        return this with
        {
            Bytes = bytes,
            IsCold = isCold,
            AvailableBytes = available,
            MinBytes = minBytes,
            HasError = hasError,
            IsEnough = isEnough || hasError || available >= minBytes,
        };
    }

    /// <summary>How many bytes that come to a partition later count, beside those that it has.</summary>
    public long RoomBytes(int index, in FetchPartition wanted) =>
        _reads[index].HasMore ? 0 : Math.Max(0, CountableBytes(wanted) - Results[index].Records.Length);

    // A maximum of zero is a batch's worth of data for the first partition that has some.
    private static long CountableBytes(in FetchPartition wanted) => Math.Max(1, wanted.MaxBytes);

    /// <summary>The answer; its memory goes back when it is disposed.</summary>
    public FetchResult ToPooledResult() => new(Results, Bytes == 0 ? null : new PooledReads(_reads, _memory, Bytes));

    /// <summary>The answer with memory of its own, for callers that cannot dispose it: a grain's, which is serialized after the call has ended.</summary>
    public FetchResult ToOwnedResult()
    {
        try
        {
            for (var i = 0; i < Results.Length; i++)
            {
                if (!Results[i].Records.IsEmpty)
                    Results[i] = Results[i] with { Records = Results[i].Records.ToArray() };
            }
        }
        finally
        {
            Dispose();
        }

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
