namespace OrleansLog.Client;

/// <summary>
/// A consumer's membership in a group. One task owns it: it joins, and changes the assignment while the reader rests. Heartbeats,
/// automatic commits and the look at the topics have a task each and only tell the owner what they learned.
/// </summary>
internal sealed partial class GroupMember : IAsyncDisposable
{
    private readonly ClientContext _client;
    private readonly ConsumerCore _core;
    private readonly GroupOptions _options;
    private readonly OffsetCommitter _committer;
    private readonly TopicWatch _topics;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly HashSet<TopicPartition> _owned = [];
    private readonly List<Task> _tasks = [];
    private MemberIdentity _identity = MemberIdentity.Nobody;
    private TaskCompletionSource _news = NewSignal();
    private Task? _closed;
    private string? _rejoinReason;
    private bool _isLost;
    private bool _isJoining;
    private bool _hasAssignment;

    public GroupMember(ClientContext client, ConsumerCore core, Subscription subscription, GroupOptions options)
    {
        _client = client;
        _core = core;
        _options = options;
        _committer = new OffsetCommitter(client, core.Options, this);
        _topics = new TopicWatch(client, subscription);
    }

    public string GroupId => _options.GroupId;

    public string? InstanceId => _options.GroupInstanceId;

    /// <summary>Who it is now; replaced as a whole.</summary>
    public MemberIdentity Identity => Volatile.Read(ref _identity);

    /// <summary>True while it asks to become part of the next generation.</summary>
    public bool IsJoining
    {
        get => Volatile.Read(ref _isJoining);
        private set => Volatile.Write(ref _isJoining, value);
    }

    /// <summary>True once the group has assigned partitions, or none, for the first time.</summary>
    public bool HasAssignment => Volatile.Read(ref _hasAssignment);

    public GroupMembership Membership
    {
        get
        {
            var now = Identity;
            return new GroupMembership(GroupId, now.MemberId, now.Generation, now.IsLeader);
        }
    }

    public void Start()
    {
        _tasks.Add(Task.Run(RunAsync));
        _tasks.Add(Task.Run(BeatAsync));
        _tasks.Add(Task.Run(WatchTopicsAsync));
        if (_options.AutoCommit)
            _tasks.Add(Task.Run(CommitNowAndThenAsync));
    }

    /// <summary>A commit that the program asked for.</summary>
    public async Task CommitAsync(IReadOnlyList<TopicPartitionOffset> offsets, CancellationToken cancellationToken)
    {
        await _committer.CommitAsync(offsets, cancellationToken).ConfigureAwait(false);
        _core.Committed(offsets);
    }

    public Task<CommittedOffset[]> CommittedAsync(TopicPartition[] partitions, CancellationToken cancellationToken) =>
        _committer.FetchAsync(partitions, cancellationToken);

    /// <summary>True while all these partitions are this member's, and nobody has said otherwise.</summary>
    public bool Owns(IEnumerable<TopicPartition> partitions)
    {
        lock (_gate)
            return !_isLost && partitions.All(_owned.Contains);
    }

    /// <summary>The group has given this member up, as whoever asked it heard.</summary>
    public void Lost(MemberIdentity asked, string reason)
    {
        lock (_gate)
        {
            if (asked != _identity)
                return; // It has become somebody else meanwhile.
            _isLost = true;
            _identity = MemberIdentity.Nobody;
        }

        Rejoin(reason);
    }

    /// <summary>The membership is over: the reader is told, again and again.</summary>
    public void Fail(Exception error)
    {
        lock (_gate)
        {
            _identity = MemberIdentity.Nobody;
            _isLost = true;
        }

        _core.FailReader(error, isOver: true);
    }

    /// <summary>Leaves, after what is done was committed; once, however often it is called.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
            return new(_closed ??= CloseOnceAsync());
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Rejoin(string reason)
    {
        lock (_gate)
        {
            _rejoinReason ??= reason;
            _news.TrySetResult();
        }
    }

    private async Task RunAsync()
    {
        var closing = _closing.Token;
        try
        {
            await _core.HoldReaderUp().WaitAsync(closing).ConfigureAwait(false); // Joins with the first read.
            while (true)
            {
                await RebalanceAsync(closing).ConfigureAwait(false);
                Volatile.Write(ref _hasAssignment, true);
                _core.LetReaderGo();
                await NewsAsync().WaitAsync(closing).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (closing.IsCancellationRequested)
        {
            // Closed.
        }
        catch (LogException error)
        {
            Fail(error);
        }
        catch (Exception error)
        {
            _client.Log.BackgroundFailed(error);
            Fail(new LogException(ErrorCode.UnknownServerError, $"Membership in the group '{GroupId}' ended: {error.Message}", error));
        }
    }

    private Task NewsAsync()
    {
        lock (_gate)
            return _rejoinReason is null ? (_news = NewSignal()).Task : Task.CompletedTask;
    }

    private async Task CloseOnceAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await _closing.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_tasks).ConfigureAwait(false);
        await WithinAsync(limit => IsLost() ? LoseAsync(limit) : RevokeAsync([.. _owned], limit)).ConfigureAwait(false);
        await WithinAsync(limit => LeaveAsync("the consumer was closed", limit)).ConfigureAwait(false);
        _closing.Dispose();
    }

    private async Task WithinAsync(Func<CancellationToken, Task> work)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(_options.CloseTimeoutMs), _client.Time);
        try
        {
            await work(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The session's end tells the group.
        }
    }

    private bool IsLost()
    {
        lock (_gate)
            return _isLost;
    }

    // A static member stays: its successor takes its place within the session.
    private async Task LeaveAsync(string reason, CancellationToken cancellationToken)
    {
        if (InstanceId is not null)
            return;
        var memberId = Interlocked.Exchange(ref _memberId, ""); // Whoever joins from here on is somebody new.
        if (memberId.Length == 0)
            return;
        var call = new LeaveGroupCall(GroupId, [new LeavingMember(memberId, null, reason)]);
        var left = await _client.Groups!.LeaveAsync(call, cancellationToken).OrElse(static error => new LeaveGroupResult(error, [])).ConfigureAwait(false);
        if (left.Error != ErrorCode.None)
            _client.Log.LeaveFailed(GroupId, left.Error);
    }
}
