namespace OrleansLog.Client.Tests;

/// <summary>What the tests of group members share: consumers on a fake clock, each a reader of its own, and what they saw.</summary>
public abstract class GroupTest : ClientTest
{
    private protected const string Group = "g";

    private protected GroupTest()
    {
        Coordinator = new FakeCoordinator(Cluster, Time);
        Grouped = LogClient.Create(Cluster, Cluster, Time, groupTransport: Coordinator);
    }

    private protected FakeCoordinator Coordinator { get; }

    private protected ILogClient Grouped { get; }

    private protected static ConsumerOptions FromTheStart { get; } = new() { AutoOffsetReset = AutoOffsetReset.Earliest, FetchMaxWaitMs = 50 };

    private protected static GroupOptions Options(params GroupAssignor[] assignors) => new()
    {
        GroupId = Group,
        Assignors = assignors.Length == 0 ? [GroupAssignor.CooperativeSticky] : assignors,
        SessionTimeoutMs = 1_000,
        HeartbeatIntervalMs = 50,
        MaxPollIntervalMs = 5_000,
        AutoCommitIntervalMs = 100,
    };

    private protected TestMember Join(
        GroupOptions? group = null, Subscription? topics = null, ILogClient? client = null, ConsumerOptions? options = null,
        Action<TestMember>? prepare = null)
    {
        var consumer = (client ?? Grouped).CreateConsumer<string, string>(options ?? FromTheStart);
        var member = new TestMember(consumer, topics ?? Subscription.To("t"), group ?? Options(), prepare);
        Watch(member.Running);
        return member;
    }

    private protected void Fill(int partitions, int recordsEach, string topic = "t")
    {
        Cluster.AddTopic(topic, partitions);
        for (var i = 0; i < recordsEach; i++)
        {
            for (var partition = 0; partition < partitions; partition++)
                Cluster.Append(new TopicPartition(topic, partition), $"{i}");
        }
    }

    /// <summary>Lets time pass until these have read so many records together, and not one more: nothing here is delivered twice.</summary>
    private protected async Task PassTimeUntilRead(int count, params TestMember[] members)
    {
        await PassTimeUntil(() => members.Sum(static member => member.Read.Count) >= count);
        Assert.Equal(count, members.Sum(static member => member.Read.Count));
    }

    private protected Task PassTime(int milliseconds)
    {
        var end = Time.GetUtcNow().AddMilliseconds(milliseconds);
        return PassTimeUntil(() => Time.GetUtcNow() >= end);
    }
}

/// <summary>A consumer that reads until it is told to stop, and can be made to stand still on a record.</summary>
internal sealed class TestMember : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly List<ConsumeResult<string, string>> _read = [];
    private readonly List<string> _events = [];

    /// <param name="consumer">What reads; the member's own from here on.</param>
    /// <param name="topics">What it subscribes to.</param>
    /// <param name="group">How; its handlers are called before the event is noted.</param>
    /// <param name="prepare">Is done before the member begins: afterwards it may have read everything already.</param>
    public TestMember(ILogConsumer<string, string> consumer, Subscription topics, GroupOptions group, Action<TestMember>? prepare = null)
    {
        Consumer = consumer;
        prepare?.Invoke(this);
        group.OnAssigned = Noted('+', group.OnAssigned);
        group.OnRevoked = Noted('-', group.OnRevoked);
        group.OnLost = Noted('!', group.OnLost);
        Running = Task.Run(() => ReadAsync(topics, group));
    }

    public ILogConsumer<string, string> Consumer { get; }

    public Task Running { get; }

    /// <summary>Awaited for each record before the next one is asked for.</summary>
    public Func<ConsumeResult<string, string>, Task> OnRecord { get; set; } = static _ => Task.CompletedTask;

    public List<ConsumeResult<string, string>> Read
    {
        get
        {
            lock (_gate)
                return [.. _read];
        }
    }

    public List<string> Events
    {
        get
        {
            lock (_gate)
                return [.. _events];
        }
    }

    public TopicPartition[] Assignment => [.. Consumer.Assignment.OrderBy(static p => p.Topic).ThenBy(static p => p.Partition)];

    public void Stop() => _stop.Cancel();

    public ValueTask DisposeAsync()
    {
        _stop.Cancel();
        return Consumer.DisposeAsync();
    }

    private async Task ReadAsync(Subscription topics, GroupOptions group)
    {
        try
        {
            await foreach (var record in Consumer.SubscribeAsync(topics, group, _stop.Token))
            {
                lock (_gate)
                    _read.Add(record);
                await OnRecord(record);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Told to stop.
        }
    }

    private RebalanceHandler Noted(char sign, RebalanceHandler? told) => async (partitions, cancellationToken) =>
    {
        if (told is not null)
            await told(partitions, cancellationToken);
        lock (_gate)
            _events.Add($"{sign}{string.Join(',', partitions.Select(static p => p.Partition).Order())}");
    };
}
