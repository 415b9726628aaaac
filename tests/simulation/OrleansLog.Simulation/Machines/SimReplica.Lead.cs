using OrleansLog.Core.Partition;
using OrleansLog.Protocol;

namespace OrleansLog.Simulation;

/// <summary>A leader answers its followers' fetches, at once or when there is something.</summary>
internal sealed partial class SimReplica
{
    private const int FetchWaitMs = 250;

    private readonly List<Fetcher> _fetchers = [];
    private readonly Dictionary<int, (int Tick, long StoredEnd)> _seen = [];
    private PartitionLeadership? _lookedAt;
    private int _lookedAtTick;

    /// <summary>A follower's fetch has arrived.</summary>
    public void FetchArrived(SimProcess from, long brokerEpoch, in FollowerFetch ask, Action<FollowerFetchReply, SimRecord[]> reply)
    {
        var fetcher = new Fetcher(from, brokerEpoch, ask, _world.NowMs + (ask.StoredEndOffset < ask.FetchOffset ? 10 : FetchWaitMs), reply);
        if (Check(fetcher, out var answer))
        {
            State.FollowerFetched(from.Node!.Id, brokerEpoch, ask.FetchOffset, ask.StoredEndOffset, _world.NowMs, _decisions);
            _seen[from.Node.Id] = (_ticks, _countsOnlyDurable ? ask.StoredEndOffset : ask.FetchOffset);
            CarryOut();
            if (Log.End <= ask.FetchOffset)
            {
                _fetchers.Add(fetcher);
                return;
            }

            answer = Records(fetcher);
        }

        Send(fetcher, answer);
    }

    /// <summary>
    /// A member that lags for long has been asked to leave, or it would hold up everybody's acknowledgements. Only the time counts in which this
    /// process did not sleep.
    /// </summary>
    private void CheckNobodyLags()
    {
        if (!Leads || State.PendingIsrChange is not null)
            return;

        // A new member has the whole time from its beginning.
        if (!ReferenceEquals(_lookedAt, State.Leadership))
            (_lookedAt, _lookedAtTick) = (State.Leadership, _ticks);

        foreach (var id in State.Leadership!.Isr)
        {
            var (tick, storedEnd) = _seen.GetValueOrDefault(id, (_lookedAtTick, -1));
            var unheardMs = (_ticks - Math.Max(tick, _lookedAtTick)) * SimBroker.TickMs;
            if (id != _broker.Id && storedEnd < Log.End && unheardMs > 4 * _world.Scenario.LagMs)
                throw new RuleBrokenException("progress", $"{Partition.Name}: broker {_broker.Id} keeps broker {id} in the ISR, whom it has not heard for {unheardMs} ms");
        }
    }

    private void WakeFetchers()
    {
        for (var i = 0; i < _fetchers.Count;)
        {
            if (Log.End > _fetchers[i].Ask.FetchOffset)
                AnswerFetcher(i);
            else
                i++;
        }
    }

    private void AnswerLateFetchers()
    {
        for (var i = 0; i < _fetchers.Count;)
        {
            if (_fetchers[i].DeadlineMs <= _world.NowMs)
                AnswerFetcher(i);
            else
                i++;
        }
    }

    private void AnswerAllFetchers()
    {
        while (_fetchers.Count > 0)
            AnswerFetcher(0);
    }

    private void AnswerFetcher(int index)
    {
        var fetcher = _fetchers[index];
        _fetchers.RemoveAt(index);
        Send(fetcher, Check(fetcher, out var refusal) ? Records(fetcher) : refusal);
    }

    /// <summary>Whether the follower may be given records, or what it is told instead.</summary>
    private bool Check(Fetcher fetcher, out (FollowerFetchReply Reply, SimRecord[] Records) refusal)
    {
        var ask = fetcher.Ask;
        var error = State.CheckReplicaFetch(
            fetcher.From.Node!.Id, fetcher.BrokerEpoch, ask.CurrentLeaderEpoch, ask.LastFetchedEpoch, ask.FetchOffset, Log.Epochs, out var diverging);
        if (error == ErrorCode.FencedLeaderEpoch)
            _world.Sightings.Saw(Sighting.FencedFetch);

        refusal = (new FollowerFetchReply(ask, error, diverging, State.HighWatermark, Log.Start, Log.End, 0), []);
        return error == ErrorCode.None && diverging is null;
    }

    private (FollowerFetchReply Reply, SimRecord[] Records) Records(Fetcher fetcher)
    {
        var ask = fetcher.Ask;
        var count = (int)Math.Min(Log.End - ask.FetchOffset, _world.Scenario.FetchRecords);
        var records = count > 0 ? new SimRecord[count] : [];
        for (var i = 0; i < records.Length; i++)
            records[i] = Log[ask.FetchOffset + i];

        return (new FollowerFetchReply(ask, ErrorCode.None, null, State.HighWatermark, Log.Start, Log.End, records.Length), records);
    }

    private void Send(Fetcher fetcher, (FollowerFetchReply Reply, SimRecord[] Records) answer) =>
        _world.Network.Send(_broker.Node, fetcher.From, Step.Fetched, () => fetcher.Reply(answer.Reply, answer.Records));

    private sealed record Fetcher(SimProcess From, long BrokerEpoch, FollowerFetch Ask, long DeadlineMs, Action<FollowerFetchReply, SimRecord[]> Reply);
}
