using OrleansLog.Core.Partition;
using OrleansLog.Grains.Appending;
using OrleansLog.Grains.Diagnostics;
using OrleansLog.Grains.Partitions;
using OrleansLog.Grains.Replicas;
using OrleansLog.Grains.Timing;

namespace OrleansLog.Grains.Replication;

/// <summary>
/// Takes the ISRs that leaders here want to the controller, many in one call, until each is answered; and looks now and then whether followers
/// lag (<c>replica.lag.time.max.ms</c>).
/// </summary>
internal sealed class IsrRequests(BrokerContext broker) : IAsyncDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private Dictionary<Partition, IsrChange> _waiting = [];
    private IBrokerCluster? _cluster;
    private PartitionTable? _partitions;
    private ITimer? _look;
    private Task _sending = Task.CompletedTask;
    private bool _isSending;

    /// <summary>Asks from now on.</summary>
    public void Start(IBrokerCluster cluster, PartitionTable partitions)
    {
        lock (_gate)
        {
            _cluster = cluster;
            _partitions = partitions;
            var period = TimerDelays.FromMs(broker.ReplicaLagTimeMaxMs / 2);
            _look = broker.Time.CreateTimer(static self => ((IsrRequests)self!).Look(), this, period, period);
            BeginSending();
        }
    }

    /// <summary>A leader wants another ISR, or asks again; one change of a partition at a time.</summary>
    public void Ask(Partition partition, IsrChange change)
    {
        lock (_gate)
        {
            _waiting[partition] = change;
            BeginSending();
        }
    }

    /// <summary>Brokers came, went or were fenced: what is led here may have a follower that can join now.</summary>
    public void EligibilityChanged() => ForLeaders(static (partition, decisions) => partition.EligibilityChanged(decisions));

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        Task sending;
        lock (_gate)
        {
            _look?.Dispose();
            sending = _sending;
        }

        await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Look()
    {
        try
        {
            ForLeaders(static (partition, decisions) => partition.CheckIsr(decisions));
        }
        catch (Exception e)
        {
            broker.Logger.BackgroundWorkFailed("the look at the ISRs", e);
        }
    }

    private void ForLeaders(Action<Partition, PartitionDecisions<AppendRequest>> look)
    {
        var decisions = new PartitionDecisions<AppendRequest>();
        foreach (var partition in _partitions?.All ?? [])
        {
            if (partition.IsLeader)
                look(partition, decisions);
        }
    }

    /// <summary>Under the lock.</summary>
    private void BeginSending()
    {
        if (_isSending || _cluster is null || _waiting.Count == 0 || _stopping.IsCancellationRequested)
            return;

        _isSending = true;
        _sending = Task.Run(SendAsync);
    }

    private async Task SendAsync()
    {
        while (Take() is { } changes)
        {
            var results = await AskAsync(changes).ConfigureAwait(false);
            // Also where one was not let in: the metadata that says why is on its way, and without a pause the same would be asked until it comes.
            if (results is null || results.Partitions.Any(result => result.Error == ErrorCode.IneligibleReplica))
                await Task.Delay(RetryDelay, broker.Time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

            var decisions = new PartitionDecisions<AppendRequest>();
            for (var i = 0; i < changes.Length; i++)
                Tell(changes[i].Key, changes[i].Value, results?.Partitions[i], decisions);
        }
    }

    private KeyValuePair<Partition, IsrChange>[]? Take()
    {
        lock (_gate)
        {
            if (_waiting.Count == 0 || _stopping.IsCancellationRequested)
            {
                _isSending = false;
                return null;
            }

            KeyValuePair<Partition, IsrChange>[] changes = [.. _waiting];
            _waiting = [];
            return changes;
        }
    }

    /// <summary>Null: the controller could not be asked, or its answer does not count.</summary>
    private async Task<IsrChangeResults?> AskAsync(KeyValuePair<Partition, IsrChange>[] changes)
    {
        try
        {
            var results = await _cluster!.AlterPartitionAsync(new IsrChanges(broker.BrokerId, broker.BrokerEpoch, [.. changes.Select(ToContract)]))
                .WaitAsync(_stopping.Token).ConfigureAwait(false);
            return results.Error == ErrorCode.None && results.Partitions.Length == changes.Length
                && results.ControllerEpoch >= broker.Metadata.Current.ControllerEpoch ? results : null;
        }
        catch (Exception e)
        {
            if (!_stopping.IsCancellationRequested)
                broker.Logger.IsrRequestFailed(changes.Length, e.Message);

            return null;
        }
    }

    private static PartitionIsrChange ToContract(KeyValuePair<Partition, IsrChange> change) => new(
        change.Key.Key.TopicId, change.Key.Key.Partition, change.Value.LeaderEpoch, change.Value.PartitionEpoch,
        [.. change.Value.NewIsr.Select(member => new IsrReplica(member.BrokerId, member.BrokerEpoch))])
    {
        Lost = [.. change.Value.Lost],
    };

    /// <summary>What goes wrong with one partition must not keep the others from their answers, or the next ones from being asked.</summary>
    private void Tell(Partition partition, IsrChange asked, PartitionIsrResult? result, PartitionDecisions<AppendRequest> decisions)
    {
        try
        {
            partition.IsrChangeAnswered(asked, result?.Error ?? ErrorCode.RequestTimedOut, result is { LeaderEpoch: >= 0 } ? ToLeadership(result) : null, decisions);
        }
        catch (Exception e)
        {
            broker.Logger.BackgroundWorkFailed("an answer about an ISR", e);
        }
    }

    private static PartitionLeadership ToLeadership(PartitionIsrResult result) => new()
    {
        LeaderId = result.LeaderId,
        LeaderEpoch = result.LeaderEpoch,
        PartitionEpoch = result.PartitionEpoch,
        Replicas = result.Replicas,
        Isr = result.Isr,
        Elr = result.Elr,
    };
}
