using OrleansLog.Core.Partition;

namespace OrleansLog.Simulation;

/// <summary>The fetch loop of a follower.</summary>
internal sealed partial class SimReplica
{
    private const int FetchTimeoutMs = 700;

    private readonly FollowerState _follower;
    private readonly FollowerDecisions _toDo = new();
    private FollowerFetch? _asked;
    private long _fetchedAtMs;
    private long _notBeforeMs;

    private bool Follows => State.Role == PartitionRole.Follower && _follower.LeaderEpoch == State.LeaderEpoch;

    private void LeadershipChanged()
    {
        AnswerAllFetchers();
        _seen.Clear();
        _asked = null;
        if (State.Role != PartitionRole.Follower || State.Leadership!.LeaderId < 0)
            return;

        if (_world.Broken == ShellMutation.CutToHighWatermark && State.HighWatermark < Log.End)
            Truncate(Math.Max(Log.Start, State.HighWatermark));

        if (_follower.Follow(State.LeaderEpoch, Log.Start, Log.End, StoredEnd, State.HighWatermark))
        {
            _world.Trace.Note(Step.Followed, _world.NowMs, _broker.Id, Partition.Index, State.LeaderEpoch, State.Leadership.LeaderId);
            _notBeforeMs = 0;
            Fetch();
        }
    }

    private void FetchIfDue()
    {
        if (_asked is { } asked && _world.NowMs - _fetchedAtMs > FetchTimeoutMs)
        {
            _asked = null;
            _follower.FetchFailed(asked, _toDo);
            _toDo.Clear();
        }

        Fetch();
    }

    private void Fetch()
    {
        if (!Follows || !_follower.CanFetch || _world.NowMs < _notBeforeMs || State.Leadership!.LeaderId < 0)
            return;

        var ask = _follower.NextFetch();
        _asked = ask;
        _fetchedAtMs = _world.NowMs;
        var leader = _world.Broker(State.Leadership.LeaderId);
        var epoch = _broker.BrokerEpoch;
        var process = _broker.Node.Process;
        _world.Network.Send(_broker.Node, leader.Node.Process, Step.Fetch, () => leader.Fetch(process, Partition, epoch, ask, Fetched));
    }

    private void Fetched(FollowerFetchReply reply, SimRecord[] records)
    {
        if (!State.IsOpen || !Follows)
            return;

        if (_asked == reply.Asked)
            _asked = null;

        _world.Trace.Note(Step.Copied, _world.NowMs, _broker.Id, Partition.Index, reply.Asked.FetchOffset, records.Length);
        _follower.Fetched(reply, _toDo);
        if (_toDo.TruncateTo is { } end)
            Truncate(end);
        if (_toDo.RestartAt is { } start)
            Restart(start);
        if (_toDo.Append)
            AppendFetched(records);
        if (_toDo.HighWatermark is { } committed)
            State.LeaderCommitted(committed, _decisions);
        if (_toDo.AdvanceLogStart is { } logStart)
            AdvanceLogStart(logStart);
        if (reply.Error == Protocol.ErrorCode.None && reply.Diverging is null && reply.Asked.CurrentLeaderEpoch == State.LeaderEpoch)
            ReconciledEpoch = State.LeaderEpoch;

        _notBeforeMs = _toDo.BackOffMs > 0 ? _world.NowMs + _toDo.BackOffMs : 0;
        _toDo.Clear();
        CarryOut();
        Fetch();
    }

    private void Truncate(long end)
    {
        _world.Trace.Note(Step.Cut, _world.NowMs, _broker.Id, Partition.Index, end, Log.End);
        Partition.CheckCut(this, end);
        _world.Sightings.Saw(Sighting.TruncationByEpoch);
        if (end < Log.Checkpoint)
            _world.Sightings.Saw(Sighting.CutBelowCheckpoint);

        Log.Truncate(end);
        Log.WriteCheckpoint(Math.Min(Log.Checkpoint, Log.End));
        State.Truncated(Log.End);
        _follower.Truncated(Log.End);
        _highWatermark = Math.Min(_highWatermark, Log.End);
    }

    private void Restart(long start)
    {
        _world.Trace.Note(Step.Cut, _world.NowMs, _broker.Id, Partition.Index, start, Log.End);
        Partition.CheckCut(this, start);
        _world.Sightings.Saw(Sighting.RestartAtLogStart);
        Log.Restart(start);
        Log.WriteCheckpoint(start);
        State.Restarted(start);
        _follower.Restarted(start);
        _highWatermark = State.HighWatermark;
    }

    private void AppendFetched(SimRecord[] records)
    {
        foreach (var record in records)
        {
            Partition.CheckCopied(this, Log.End, record);
            Log.Append(record);
        }

        State.Appended(Log.End, records.Length, _decisions);
        _follower.Appended(Log.End, _toDo);
        if (!_countsOnlyDurable)
            _follower.Stored(Log.End);

        Sync();
    }
}
