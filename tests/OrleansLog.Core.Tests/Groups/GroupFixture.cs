using System.Text;
using OrleansLog.Core.Groups;
using OrleansLog.Core.Groups.Assignors;
using OrleansLog.Log;
using OrleansLog.Protocol;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Core.Tests.Groups;

/// <summary>A group under a hand-set clock; its appends succeed at once unless a test holds or fails them.</summary>
internal sealed class GroupFixture
{
    private readonly GroupDecisions<string> _decisions = new();
    private readonly Dictionary<string, GroupAnswer> _answers = [];
    private readonly Queue<GroupAppend> _held = new();
    private int _memberNumber;

    public GroupFixture(GroupSettings? settings = null)
    {
        Settings = settings ?? new GroupSettings { InitialRebalanceDelayMs = 0 };
        State = new GroupState<string>("g", Settings);
    }

    public GroupSettings Settings { get; }
    public GroupState<string> State { get; private set; }
    public long NowMs { get; private set; } = 1_000_000;
    public GroupTime Time => new(NowMs, 1_700_000_000_000 + NowMs);
    public List<GroupRecord> Log { get; } = [];

    /// <summary>True: appends wait for <see cref="Complete"/>.</summary>
    public bool HoldsAppends { get; set; }

    public static JoinCall JoinCallOf(string memberId, string? instance = null, string metadata = "m", params string[] protocols) => new()
    {
        MemberId = memberId,
        GroupInstanceId = instance,
        NewMemberId = "",
        ClientId = "client",
        ClientHost = "/127.0.0.1",
        SessionTimeoutMs = 10_000,
        RebalanceTimeoutMs = 60_000,
        ProtocolType = "consumer",
        Protocols = [.. (protocols.Length == 0 ? ["range"] : protocols).Select(p => new JoinProtocol(p, Encoding.UTF8.GetBytes(metadata)))],
    };

    public void Join(string ticket, JoinCall call) =>
        Run(() => State.Join(call with { NewMemberId = $"member-{++_memberNumber}" }, ticket, Time, _decisions));

    public void Join(string ticket, string memberId = "", string? instance = null, string metadata = "m") =>
        Join(ticket, JoinCallOf(memberId, instance, metadata));

    public void Sync(string ticket, string memberId, int generation, params (string Member, string Assignment)[] assignments) =>
        Sync(ticket, new SyncCall
        {
            MemberId = memberId,
            GenerationId = generation,
            Assignments = [.. assignments.Select(a => new AssignmentFor(a.Member, Encoding.UTF8.GetBytes(a.Assignment)))],
        });

    public void Sync(string ticket, SyncCall call) => Run(() => State.Sync(call, ticket, Time, _decisions));

    public ErrorCode Heartbeat(string memberId, int generation, string? instance = null) =>
        State.Heartbeat(memberId, instance, generation, Time);

    public LeaveAnswer Leave(params MemberToLeave[] members)
    {
        Run(() => State.Leave(new LeaveCall { Members = members }, "leave", Time, _decisions));
        return Take<LeaveAnswer>("leave");
    }

    public void Commit(string ticket, CommitCall call) => Run(() => State.Commit(call, ticket, Time, _decisions));

    public ErrorCode Commit(long offset, string memberId = "", int generation = -1, string topic = "t", string metadata = "", string? instance = null)
    {
        Commit("commit", CommitCallOf(offset, memberId, generation, topic, metadata, instance));
        return Take<CommitAnswer>("commit").Partitions[0].Error;
    }

    public static CommitCall CommitCallOf(
        long offset, string memberId = "", int generation = -1, string topic = "t", string metadata = "", string? instance = null, Uuid topicId = default) => new()
        {
            MemberId = memberId,
            GenerationId = generation,
            GroupInstanceId = instance,
            Offsets = [new() { Topic = topic, TopicId = topicId, Partition = 0, Offset = offset, LeaderEpoch = 3, Metadata = metadata }],
        };

    public ErrorCode Delete()
    {
        Run(() => State.Delete("delete", _decisions));
        return Take<DeleteGroupAnswer>("delete").Error;
    }

    public DeleteOffsetsAnswer DeleteOffsets(params string[] topics)
    {
        Run(() => State.DeleteOffsets(new() { Partitions = [.. topics.Select(t => new TopicPartitionName(t, 0))] }, "offsets", _decisions));
        return Take<DeleteOffsetsAnswer>("offsets");
    }

    public void ForgetTopic(string topic, Uuid id) => Run(() => State.ForgetTopics((name, of) => name == topic && (of == id || of == default), _decisions));

    public void Expire() => Run(() => State.Expire(Time, _decisions));

    public OffsetView Offset(string topic = "t") => State.FetchOffset(new(topic, 0));

    /// <summary>Lets time pass, with every deadline on the way.</summary>
    public void Pass(long milliseconds)
    {
        var end = NowMs + milliseconds;
        while (State.NextDeadlineMs <= end)
        {
            NowMs = Math.Max(NowMs, State.NextDeadlineMs);
            Run(() => State.Tick(Time, _decisions));
        }

        NowMs = end;
    }

    /// <summary>The oldest append that is held is done.</summary>
    public void Complete(ErrorCode error = ErrorCode.None)
    {
        var append = _held.Dequeue();
        if (error == ErrorCode.None)
            Log.AddRange(append.Records);

        Run(() => State.AppendCompleted(append.Id, error, Time, _decisions));
    }

    /// <summary>The coordinator is gone; another loads the group from the log.</summary>
    public void Reload()
    {
        State = new GroupState<string>("g", Settings);
        foreach (var record in Log)
        {
            Assert.True(GroupRecordKey.TryRead(record.Key, out var key));
            Assert.Equal(GroupReplay.Applied, State.Replay(key, record.Key, record.Value, record.Value is null));
        }

        _held.Clear();
        Run(() => State.Loaded(Time, _decisions));
    }

    public void Unload() => Run(() => State.Unload(ErrorCode.NotCoordinator, _decisions));

    public bool IsAnswered(string ticket) => _answers.ContainsKey(ticket);

    public T Take<T>(string ticket)
        where T : GroupAnswer
    {
        Assert.True(_answers.Remove(ticket, out var answer), $"{ticket} has no answer");
        return Assert.IsType<T>(answer);
    }

    public JoinAnswer Joined(string ticket) => Take<JoinAnswer>(ticket);

    public string Synced(string ticket)
    {
        var answer = Take<SyncAnswer>(ticket);
        return answer.Error == ErrorCode.None ? Encoding.UTF8.GetString(answer.Assignment.Span) : answer.Error.ToString();
    }

    /// <summary>A stable group of dynamic members <c>member-1</c>, ..., the first its leader, each assigned its own id.</summary>
    public string[] Stable(int members = 2)
    {
        string[] ids = [.. Enumerable.Range(_memberNumber + 1, members).Select(n => $"member-{n}")];
        foreach (var id in ids)
            Join(id);

        for (var round = 0; round < 2 && State.Phase != GroupPhase.CompletingRebalance; round++)
        {
            foreach (var id in ids)
            {
                _answers.Remove(id);
                if (State.Phase == GroupPhase.PreparingRebalance)
                    Join(id, id);
            }
        }

        foreach (var id in ids)
        {
            _answers.Remove(id);
            Sync(id, id, State.GenerationId, id == State.LeaderId ? [.. ids.Select(i => (i, i))] : []);
        }

        foreach (var id in ids)
            Assert.Equal(id, Synced(id));

        Assert.Equal(GroupPhase.Stable, State.Phase);
        return ids;
    }

    /// <summary>As <see cref="Stable"/> where an empty group waits: both members in the first generation.</summary>
    public string[] StableAfter(int delayMs)
    {
        Join("first");
        Join("second");
        Pass(2L * delayMs);
        string[] ids = [Joined("first").MemberId, Joined("second").MemberId];
        Sync("first", ids[0], 1, (ids[0], ids[0]), (ids[1], ids[1]));
        Sync("second", ids[1], 1);
        Assert.Equal((ids[0], ids[1]), (Synced("first"), Synced("second")));
        return ids;
    }

    /// <summary>Metadata of a consumer that subscribes to topics.</summary>
    public static byte[] Subscription(string[] topics, params TopicPartitionName[] owned)
    {
        var subscription = new ConsumerProtocolSubscription();
        subscription.Topics.AddRange(topics);
        foreach (var ofTopic in owned.GroupBy(p => p.Topic))
            subscription.OwnedPartitions.Add(new() { Topic = ofTopic.Key, Partitions = [.. ofTopic.Select(p => p.Partition)] });

        return VersionedBytes.Write(3, subscription, 3);
    }

    private void Run(Action step)
    {
        _decisions.Clear();
        step();
        foreach (var answer in _decisions.Answers)
            Assert.True(_answers.TryAdd(answer.Ticket, answer.Answer), $"{answer.Ticket} was answered twice");

        foreach (var append in _decisions.Appends)
            _held.Enqueue(append);

        while (!HoldsAppends && _held.Count > 0)
            Complete();
    }
}
