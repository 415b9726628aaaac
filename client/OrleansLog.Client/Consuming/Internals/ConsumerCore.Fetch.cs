using OrleansLog.Protocol;

namespace OrleansLog.Client;

internal sealed partial class ConsumerCore
{
    // A drained partition must not wait behind the long polls of idle ones, so a leader gets more than one request at a time.
    private const int RequestsPerLeaderMax = 4;

    private readonly Dictionary<int, int> _requestsOut = [];
    private readonly HashSet<Task> _working = [];
    private Task? _loop;
    private TaskCompletionSource? _wake;
    private TaskCompletionSource? _resolved;
    private long _bufferedBytes;
    private long _askedBytes;

    /// <summary>Has the loop look again: something was assigned, moved, resumed or read.</summary>
    private void Wake()
    {
        lock (_gate)
        {
            if (_isClosed)
                return;
            if (_loop is null)
            {
                _loop = Task.Run(RunAsync);
                ClientMetrics.Watch(this);
            }

            _wake?.TrySetResult();
        }
    }

    /// <summary>The reader has nothing to read: what held back for want of room may go.</summary>
    public void Nudge()
    {
        lock (_gate)
        {
            if (_bufferedBytes + _askedBytes >= options.PrefetchBytes)
                _wake?.TrySetResult();
        }
    }

    private Task Resolved() => (_resolved ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private async Task RunAsync()
    {
        while (true)
        {
            Task wake;
            TimeSpan sleep;
            lock (_gate)
            {
                if (_isClosed)
                    break;
                wake = (_wake = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
                sleep = StartWork();
            }

            await SleepAsync(wake, sleep).ConfigureAwait(false);
        }

        Task[] left;
        lock (_gate)
            left = [.. _working];
        await Task.WhenAll(left).ConfigureAwait(false);
    }

    private async Task SleepAsync(Task wake, TimeSpan sleep)
    {
        if (sleep == TimeSpan.MaxValue)
        {
            await wake.WaitAsync(_closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        using var timer = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
        var delay = Task.Delay(sleep, client.Time, timer.Token);
        await Task.WhenAny(wake, delay).ConfigureAwait(false);
        await timer.CancelAsync().ConfigureAwait(false);
    }

    // Sends whatever can be sent; how long until something that waits for its next attempt can.
    private TimeSpan StartWork()
    {
        var now = client.Time.GetTimestamp();
        var retryAt = long.MaxValue;
        Dictionary<int, List<AssignedPartition>>? fetches = null;
        List<AssignedPartition>? lookups = null;
        HashSet<string>? unknown = null;
        foreach (var partition in _assigned.Values)
        {
            if (partition.IsBusy || partition.Error is not null)
                continue;
            if (partition.RetryAt > now)
            {
                retryAt = Math.Min(retryAt, partition.RetryAt);
                continue;
            }

            if (partition.Cursor is null)
                (lookups ??= []).Add(partition);
            else if (!MayFetch(partition))
                continue;
            else if (Description(partition.Partition) is { } description)
                (fetches ??= []).GetOrAdd(description.LeaderId).Add(partition);
            else
                (unknown ??= []).Add(partition.Partition.Topic);
        }

        if (lookups is not null)
            Start(LookUpAsync(Claim(lookups)));
        foreach (var (leader, partitions) in fetches ?? [])
            StartFetch(leader, partitions);
        // Last, for what is left: metadata that grew old between two looks, or that lacks one partition, is asked for while other partitions of the
        // topic are fetched. Of two requests for one partition the second would be answered with what the first has brought.
        foreach (var topic in unknown ?? [])
            Start(LearnAsync(topic, Claim([.. _assigned.Values.Where(p => !p.IsBusy && p.Partition.Topic == topic)])));
        return retryAt == long.MaxValue ? TimeSpan.MaxValue : client.Time.GetElapsedTime(now, retryAt) + TimeSpan.FromMilliseconds(1);
    }

    private bool MayFetch(AssignedPartition partition)
    {
        if (partition.IsPaused)
            return false;
        if (partition.IsDraining && !partition.Cursor!.IsEmpty)
            return false;
        var buffered = partition.Cursor!.BufferedBytes;
        if (buffered > 0 && buffered + options.FetchPartitionBytes > options.PrefetchPartitionBytes)
            return false;
        // The reader that waits with nothing to read always gets something, whoever holds the rest of the budget.
        return _bufferedBytes + _askedBytes < options.PrefetchBytes || (buffered == 0 && _readable is not null);
    }

    private PartitionDescription? Description(TopicPartition partition) =>
        client.Topics.Find(partition.Topic, options.MetadataMaxAgeMs) is { } topic && partition.Partition < topic.Partitions.Length
            ? topic.Partitions[partition.Partition]
            : null;

    private void StartFetch(int leader, List<AssignedPartition> partitions)
    {
        ref var requestsOut = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_requestsOut, leader, out _);
        if (requestsOut >= RequestsPerLeaderMax)
            return;
        requestsOut++;
        var budget = Math.Max(options.FetchPartitionBytes, options.PrefetchBytes - _bufferedBytes - _askedBytes);
        var maxBytes = (int)Math.Min(budget, Math.Min(options.FetchMaxBytes, (long)options.FetchPartitionBytes * partitions.Count));
        _askedBytes += maxBytes;
        Start(FetchAsync(leader, Claim(partitions), maxBytes));
    }

    private static (AssignedPartition Partition, int Generation)[] Claim(List<AssignedPartition> partitions)
    {
        var claimed = new (AssignedPartition, int)[partitions.Count];
        for (var i = 0; i < claimed.Length; i++)
        {
            partitions[i].IsBusy = true;
            claimed[i] = (partitions[i], partitions[i].Generation);
        }

        return claimed;
    }

    // Under the lock; the work itself begins on the pool.
    private void Start(Task work)
    {
        if (work.IsCompleted)
            return;
        _working.Add(work);
        work.ContinueWith(
            static (done, core) => ((ConsumerCore)core!).Done(done), this, CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void Done(Task work)
    {
        if (work.IsFaulted)
            client.Log.BackgroundFailed(work.Exception);
        lock (_gate)
            _working.Remove(work);
        Wake();
    }

    private async Task FetchAsync(int leader, (AssignedPartition Partition, int Generation)[] claimed, int maxBytes)
    {
        var request = Request(claimed, maxBytes);
        using var outstanding = new OutstandingFetch(claimed.Length, _closing.Token);
        foreach (var (partition, _) in claimed)
            partition.Fetch = outstanding;
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        FetchResult? result = null;
        Exception? failure = null;
        try
        {
            result = await client.Transport.FetchAsync(request, outstanding.Token).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            failure = error;
        }

        bool isStale;
        lock (_gate)
        {
            outstanding.Over();
            _requestsOut[leader]--;
            _askedBytes -= maxBytes;
            isStale = result is null ? Failed(claimed, failure!) : Accept(claimed, request, result);
        }

        if (isStale)
            await RelearnAsync(claimed).ConfigureAwait(false);
        Free(claimed);
    }

    private FetchRequest Request((AssignedPartition Partition, int Generation)[] claimed, int maxBytes)
    {
        var partitions = new FetchPartition[claimed.Length];
        for (var i = 0; i < claimed.Length; i++)
        {
            var assigned = claimed[i].Partition;
            partitions[i] = new FetchPartition
            {
                Partition = assigned.Partition,
                FetchOffset = assigned.FetchOffset,
                MaxBytes = options.FetchPartitionBytes,
                CurrentLeaderEpoch = Description(assigned.Partition)?.LeaderEpoch ?? -1,
                LastFetchedEpoch = assigned.LastFetchedEpoch,
            };
        }

        return new FetchRequest
        {
            Partitions = partitions,
            MaxWaitMs = options.FetchMaxWaitMs,
            MinBytes = options.FetchMinBytes,
            MaxBytes = maxBytes,
            Isolation = options.Isolation,
            Rack = options.ClientRack,
        };
    }

    private void Free((AssignedPartition Partition, int Generation)[] claimed)
    {
        lock (_gate)
        {
            foreach (var (partition, generation) in claimed)
            {
                if (partition.Generation != generation)
                    continue;
                partition.IsBusy = false;
                partition.Fetch = null;
            }
        }

        Wake();
    }
}

internal static class DictionaryOfLists
{
    public static List<TValue> GetOrAdd<TKey, TValue>(this Dictionary<TKey, List<TValue>> lists, TKey key) where TKey : notnull
    {
        ref var list = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(lists, key, out _);
        return list ??= [];
    }
}
