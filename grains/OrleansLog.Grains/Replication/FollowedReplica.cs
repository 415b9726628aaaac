using OrleansLog.Core.Partition;
using OrleansLog.Grains.Partitions;
using OrleansLog.Grains.Timing;

namespace OrleansLog.Grains.Replication;

/// <summary>A replica of this broker that copies its leader, as whoever fetches for it sees it.</summary>
public sealed class FollowedReplica
{
    private const int FirstBackOffMs = 20;
    private const int Idle = 0, Taking = 1, MissedMeanwhile = 2;

    private readonly Partition _partition;
    private readonly BrokerContext _broker;
    private readonly Pause _pause;
    private int _failures;
    private int _progress;

    internal FollowedReplica(Partition partition, BrokerContext broker)
    {
        _partition = partition;
        _broker = broker;
        _pause = new Pause(this);
    }

    /// <summary>Topic name and partition number.</summary>
    public TopicPartition Name => _partition.Name;

    /// <summary>Topic id.</summary>
    public Guid TopicId => _partition.Key.TopicId;

    /// <summary>Told when the replica may be able to go on, from any thread and also under locks; quick. Set by whoever fetches for it.</summary>
    public Action<FollowedReplica>? Ready { get; set; }

    /// <summary>
    /// What to ask a leader next; false when an answer is outstanding, or something has to come first, after which <see cref="Ready"/> tells, or another broker
    /// leads.
    /// </summary>
    /// <param name="leaderId">The leader that is fetched from.</param>
    /// <param name="maxBytes">Bytes to take of this partition.</param>
    /// <param name="position">What to ask for.</param>
    public bool TryNextFetch(int leaderId, int maxBytes, out ReplicaPosition position)
    {
        position = default;

        // An answer that is being taken in may have to be followed by a pause.
        if (Interlocked.CompareExchange(ref _progress, MissedMeanwhile, Taking) != Idle)
            return false;

        if (_pause.IsScheduled || !_partition.TryNextFetch(leaderId, out var fetch))
            return false;

        position = new ReplicaPosition
        {
            TopicId = TopicId,
            Partition = Name.Partition,
            LeaderEpoch = fetch.CurrentLeaderEpoch,
            FetchOffset = fetch.FetchOffset,
            LastFetchedEpoch = fetch.LastFetchedEpoch,
            LogStartOffset = fetch.LogStartOffset,
            HasLost = fetch.HasLost,
            MaxBytes = maxBytes,
        };
        return true;
    }

    /// <summary>Takes in an answer; completes when its records are in the log. Does not fail.</summary>
    /// <param name="asked">What was asked; an answer to anything else is ignored.</param>
    /// <param name="answer">What the leader answered.</param>
    /// <returns>Whether the question still stands: the answer was only news of what is committed, and another one comes.</returns>
    public async Task<bool> TakeAsync(ReplicaPosition asked, ReplicaAnswer answer)
    {
        if (asked.LeaderEpoch != answer.AskedLeaderEpoch || asked.FetchOffset != answer.AskedOffset)
            return true;

        Interlocked.CompareExchange(ref _progress, Taking, Idle);
        try
        {
            return await TakeInAsync(asked, answer).ConfigureAwait(false);
        }
        finally
        {
            if (Interlocked.Exchange(ref _progress, Idle) == MissedMeanwhile)
                TellReady();
        }
    }

    /// <summary>The connection broke: nothing is known of what was asked.</summary>
    public void Lost(ReplicaPosition asked) => _partition.FetchLost(ToFetch(asked));

    internal void TellReady() => Ready?.Invoke(this);

    private async Task<bool> TakeInAsync(ReplicaPosition asked, ReplicaAnswer answer)
    {
        var (backOffMs, stillAsked) = await _partition.TakeAsync(ToFetch(asked), answer).ConfigureAwait(false);
        if (backOffMs == 0)
        {
            _failures = 0;
            return stillAsked;
        }

        // Short at first: a leader that opens its log, or has older metadata, is ready in a moment.
        var pauseMs = Math.Min(_broker.ReplicaFetchBackOffMs, FirstBackOffMs << Math.Min(_failures++, 16));
        _broker.Wheel.Schedule(_pause, pauseMs);
        return false;
    }

    private static FollowerFetch ToFetch(in ReplicaPosition asked) =>
        new(asked.FetchOffset, asked.LeaderEpoch, asked.LastFetchedEpoch, asked.LogStartOffset, StoredEndOffset: asked.FetchOffset, asked.HasLost);

    private sealed class Pause(FollowedReplica replica) : TimerEntry
    {
        protected internal override void OnTimer(int generation) => replica.TellReady();
    }
}
