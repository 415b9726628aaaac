using OrleansLog.Core.Groups;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Tests.Groups.Exploration;

/// <summary>What became of an append.</summary>
internal enum AppendOutcome
{
    Written,
    WrittenButFailed,
    Refused,
}

/// <summary>The shell around a group's state: loads it from the log, appends, answers.</summary>
internal sealed class SimulatedCoordinator : IMemberRoom
{
    private readonly GroupWorld _world;
    private readonly GroupMutation _mutation;
    private readonly List<GroupRecord> _log;
    private readonly List<GroupReply> _replies;
    private readonly GroupDecisions<GroupRequest> _decisions = new();
    private readonly Queue<GroupAppend> _appends = new();
    private readonly List<GroupRequest> _taken = [];

    public SimulatedCoordinator(GroupWorld world, GroupMutation mutation, GroupSettings settings, List<GroupRecord> log, List<GroupReply> replies)
    {
        (_world, _mutation, _log, _replies) = (world, mutation, log, replies);
        State = new GroupState<GroupRequest>("g", settings);
        foreach (var record in log)
        {
            Assert.True(GroupRecordKey.TryRead(record.Key, out var key));
            Assert.Equal(GroupReplay.Applied, State.Replay(key, record.Key, record.Value, record.Value is null));
        }

        State.Room = this;
        Run(() => State.Loaded(Time, _decisions));
    }

    public GroupState<GroupRequest> State { get; }

    /// <summary>True once another leads: its appends are refused by their leader epoch.</summary>
    public bool IsFenced { get; set; }

    private GroupTime Time => new(_world.NowMs, _world.NowMs);

    public void Take(GroupRequest request)
    {
        _taken.Add(request);
        switch (request)
        {
            case { Join: { } join }:
                Run(() => State.Join(join with { NewMemberId = $"{join.ClientId}#{_world.NextNumber()}" }, request, Time, _decisions));
                break;
            case { Sync: { } sync }:
                if (_mutation == GroupMutation.SkipSyncGeneration)
                    sync = sync with { GenerationId = State.GenerationId };
                Run(() => State.Sync(sync, request, Time, _decisions));
                break;
            case { Leave: { } leave }:
                Run(() => State.Leave(leave, request, Time, _decisions));
                break;
            case { Heartbeat: { } beat }:
                Answer(request, new HeartbeatAnswer { Error = State.Heartbeat(beat.MemberId, beat.Instance, beat.Generation, Time) });
                break;
            case { Commit: { } commit }:
                TakeCommit(request, commit);
                break;
        }
    }

    bool IMemberRoom.TryTake(long bytes, bool isNew) => _world.HasRoom(State.MemberBytes + bytes);

    /// <summary>What is kept up to date is what there is.</summary>
    public void CheckMemberBytes() => Assert.Equal(State.CountMemberBytes(), State.MemberBytes);

    public bool CompleteAppend(AppendOutcome outcome)
    {
        if (!_appends.TryDequeue(out var append))
            return false;

        var error = ErrorCode.None;
        if (IsFenced || outcome == AppendOutcome.Refused)
            error = IsFenced ? ErrorCode.FencedLeaderEpoch : ErrorCode.NotEnoughReplicas;
        else
            Write(append.Records);

        if (outcome == AppendOutcome.WrittenButFailed && error == ErrorCode.None)
            error = ErrorCode.RequestTimedOut;
        if (_mutation == GroupMutation.IgnoreFailedAppend)
            error = ErrorCode.None;

        Run(() => State.AppendCompleted(append.Id, error, Time, _decisions));
        return true;
    }

    public void Tick()
    {
        if (State.NextDeadlineMs <= _world.NowMs)
            Run(() => State.Tick(Time, _decisions));
    }

    /// <summary>The process dies: of its appends under way the first few reached the log.</summary>
    public void Crash(int written)
    {
        for (; written > 0 && !IsFenced && _appends.TryDequeue(out var append); written--)
            Write(append.Records);
    }

    /// <summary>It steps down in order: every request that it took was answered once.</summary>
    public void Stop()
    {
        Run(() => State.Unload(ErrorCode.NotCoordinator, _decisions));
        Assert.All(_taken, request => Assert.Equal(1, request.Answered));
    }

    private void TakeCommit(GroupRequest request, CommitCall commit)
    {
        if (_mutation == GroupMutation.SkipCommitGeneration)
            commit = commit with { GenerationId = State.GenerationId };

        if (_mutation != GroupMutation.AnswerBeforeAppend)
        {
            Run(() => State.Commit(commit, request, Time, _decisions));
            return;
        }

        Run(() => State.Commit(commit, request with { Answered = 0 }, Time, _decisions));
        Answer(request, new CommitAnswer());
    }

    private void Write(IReadOnlyList<GroupRecord> records)
    {
        _log.AddRange(records);
        _world.History.Written(records);
    }

    private void Run(Action step)
    {
        _decisions.Clear();
        step();
        foreach (var append in _decisions.Appends)
            _appends.Enqueue(append);
        foreach (var answer in _decisions.Answers)
            Answer(answer.Ticket, answer.Answer);
    }

    private void Answer(GroupRequest request, GroupAnswer answer)
    {
        _world.History.Answered(request, answer);
        _replies.Add(new(request, answer));
    }
}
