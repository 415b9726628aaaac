using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using OrleansLog.Core.Configuration;
using OrleansLog.Core.Controller;
using OrleansLog.Grains.Replicas;
using OrleansLog.Grains.Replication;
using OrleansLog.Log;

namespace OrleansLog.Grains.Tests.Broker;

/// <summary>A broker without a silo: metadata is published by hand, the cluster around it is this class.</summary>
internal sealed class TestBroker : IBrokerCluster, IAsyncDisposable
{
    public const int Id = 1;

    private readonly MetadataCache _metadata = new();
    private readonly Dictionary<string, Guid> _topics = [];
    private readonly TaskCompletionSource _reported = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TestBroker(IDisk disk, TimeProvider time, Dictionary<string, string> settings, string bootId, ILogger<BrokerHost>? logger)
    {
        var config = BrokerConfig.Parse(settings);
        Assert.True(config.Errors.Count == 0, string.Join("; ", config.Errors));
        Host = new BrokerHost(config.Value, disk, _metadata, time, logger ?? NullLogger<BrokerHost>.Instance) { MachineBootId = bootId };
    }

    /// <summary>A clock that stands still, at the time of the batches' timestamps.</summary>
    public static FakeTimeProvider Clock() => new(DateTimeOffset.FromUnixTimeMilliseconds(Batches.TimestampMs));

    public BrokerHost Host { get; }

    public LocalBroker Local => Host.Local;

    public MetadataImage Image => _metadata.Current;

    /// <summary>Directories that were reported to the controller; the first failure's requests may be answered before.</summary>
    public List<Guid> ReportedOffline { get; } = [];

    /// <summary>Completes with the first such report.</summary>
    public Task Reported => _reported.Task.WaitAsync(TimeSpan.FromMinutes(2));

    public List<DirectoryAssignment> Assigned { get; } = [];

    /// <summary>What the controller answers to a leader that wants another ISR; nothing at first.</summary>
    public Func<IsrChanges, Task<IsrChangeResults>> AlterPartition { get; set; } = _ => new TaskCompletionSource<IsrChangeResults>().Task;

    /// <summary>Topics that the broker itself has had made.</summary>
    public List<NewTopic> TopicsAskedFor { get; } = [];

    /// <summary>What the controller answers to making them.</summary>
    public ErrorCode CreationError { get; set; }

    /// <summary>Opens and registers a broker; <paramref name="before"/> is an earlier run whose metadata lives on.</summary>
    public static async Task<TestBroker> StartAsync(
        IDisk disk, TimeProvider? time = null, Dictionary<string, string>? settings = null, TestBroker? before = null, string bootId = "boot-1",
        ILogger<BrokerHost>? logger = null, params string[] directories)
    {
        var broker = await BeginAsync(disk, time, settings, before, bootId, logger, directories);
        await broker.SettledAsync();
        return broker;
    }

    /// <summary>The same, but its logs are being opened yet.</summary>
    public static async Task<TestBroker> BeginAsync(
        IDisk disk, TimeProvider? time = null, Dictionary<string, string>? settings = null, TestBroker? before = null, string bootId = "boot-1",
        ILogger<BrokerHost>? logger = null, params string[] directories)
    {
        var all = new Dictionary<string, string>(settings ?? [])
        {
            ["node.id"] = Id.ToString(CultureInfo.InvariantCulture),
            ["log.dirs"] = string.Join(',', directories.Length == 0 ? ["/data"] : directories),
        };
        all.TryAdd("orleanslog.appender.threads", "2");
        var broker = new TestBroker(disk, time ?? Clock(), all, bootId, logger);
        await broker.Host.OpenAsync();
        broker.Host.Follow(broker);
        await broker.RegisterAsync(before?.Image);
        foreach (var (name, id) in before?._topics ?? [])
            broker._topics[name] = id;

        return broker;
    }

    /// <summary>A start that is given up before the broker was registered.</summary>
    public static async Task OpenAndStopAsync(IDisk disk, string bootId)
    {
        var settings = new Dictionary<string, string> { ["node.id"] = Id.ToString(CultureInfo.InvariantCulture), ["log.dirs"] = "/data" };
        var broker = new TestBroker(disk, Clock(), settings, bootId, null);
        await broker.Host.OpenAsync();
        broker.Host.Follow(broker);
        await broker.DisposeAsync();
    }

    /// <summary>Creates a topic that this broker leads.</summary>
    public Task CreateTopicAsync(string name, int partitions = 1, params (string Key, string Value)[] configs) =>
        CreateTopicAsync(name, partitions, [Id], [Id], configs);

    public async Task CreateTopicAsync(string name, int partitions, int[] replicas, int[] isr, params (string Key, string Value)[] configs)
    {
        var topicId = _topics[name] = Guid.NewGuid();
        var directories = Host.Directories.All.Select(directory => directory.Id).ToArray();
        List<MetadataRecord> records = [new TopicRecord(topicId, name)];
        for (var i = 0; i < partitions; i++)
        {
            records.Add(new PartitionRecord
            {
                TopicId = topicId,
                State = new PartitionImage
                {
                    Partition = i,
                    Replicas = [.. replicas],
                    Directories = [.. replicas.Select(_ => directories[i % directories.Length])],
                    Isr = [.. isr],
                    Leader = Id,
                },
            });
        }

        records.AddRange(configs.Select(config => new ConfigRecord(ConfigOwnerKind.Topic, name, config.Key, config.Value)));
        await PublishAsync([.. records]);
    }

    public async Task DeleteTopicAsync(string name)
    {
        _topics.Remove(name, out var id);
        await PublishAsync(new TopicRemovedRecord(id));
        await Host.Replicas.WaitForTopicsAsync([name], Image.Version, TimeSpan.FromSeconds(30));
    }

    /// <summary>What the controller decides while this broker is away.</summary>
    public Task DeleteTopicWhileStoppedAsync(string name)
    {
        _topics.Remove(name, out var id);
        _metadata.Publish(Image.Apply(Image.Version + 1, [new TopicRemovedRecord(id)]));
        return Task.CompletedTask;
    }

    public Task CreateTopicWhileStoppedAsync(string name, Guid directory)
    {
        var topicId = _topics[name] = Guid.NewGuid();
        var state = new PartitionImage { Partition = 0, Replicas = [Id], Directories = [directory], Isr = [Id], Leader = Id };
        _metadata.Publish(Image.Apply(Image.Version + 1, [new TopicRecord(topicId, name), new PartitionRecord { TopicId = topicId, State = state }]));
        return Task.CompletedTask;
    }

    public Task AlterTopicAsync(string name, string key, string? value) => PublishAsync(new ConfigRecord(ConfigOwnerKind.Topic, name, key, value));

    /// <summary>The controller changes a partition: another leader, another ISR.</summary>
    public Task ChangePartitionAsync(TopicPartition partition, int? leader = null, int[]? isr = null)
    {
        var before = Image.FindTopic(partition.Topic)!.Find(partition.Partition)!;
        return PublishAsync(new PartitionChangeRecord
        {
            TopicId = _topics[partition.Topic],
            Partition = partition.Partition,
            PartitionEpoch = before.PartitionEpoch + 1,
            Leader = leader,
            LeaderEpoch = leader is null ? null : before.LeaderEpoch + 1,
            Isr = isr?.ToImmutableArray(),
        });
    }

    /// <summary>Publishes one metadata version and waits until the broker has followed it.</summary>
    public async Task PublishAsync(params MetadataRecord[] records)
    {
        _metadata.Publish(Image.Apply(Image.Version + 1, records));
        await SettledAsync();
    }

    public Task SettledAsync() => Host.Replicas.WaitForTopicsAsync(Image.TopicIds.Keys.Concat(_topics.Keys), Image.Version, TimeSpan.FromSeconds(30));

    Task IBrokerCluster.ActivateReplicaAsync(ReplicaKey key) => Task.CompletedTask;

    Task IBrokerCluster.DeactivateReplicaAsync(ReplicaKey key) => Task.CompletedTask;

    Task<ErrorCode> IBrokerCluster.AssignDirectoriesAsync(DirectoryAssignments assignments)
    {
        lock (Assigned)
            Assigned.AddRange(assignments.Assignments);

        return Task.FromResult(ErrorCode.None);
    }

    Task<IsrChangeResults> IBrokerCluster.AlterPartitionAsync(IsrChanges changes) => AlterPartition(changes);

    Task<bool> IBrokerCluster.IsTakenForDeadAsync(string siloAddress, bool isGone) => throw new NotSupportedException();

    Task<ErrorCode> IBrokerCluster.ReportUnreachableAsync(long ownEpoch, int brokerId, long brokerEpoch, PeerLoss loss) => throw new NotSupportedException();

    async Task<TopicResults> IBrokerCluster.CreateTopicAsync(NewTopic topic)
    {
        TopicsAskedFor.Add(topic);
        if (CreationError != ErrorCode.None)
            return new(Image.Version, [new TopicResult { Name = topic.Name, Error = CreationError, Message = "as the test wants it" }]);

        await CreateTopicAsync(topic.Name, topic.Partitions, [.. topic.Configs.Select(config => (config.Key, config.Value))]);
        return new(Image.Version, [new TopicResult { Name = topic.Name }]);
    }

    void IBrokerCluster.ReportOfflineDirectories(IEnumerable<Guid> directoryIds)
    {
        lock (ReportedOffline)
            ReportedOffline.AddRange(directoryIds);

        _reported.TrySetResult();
    }

    public ValueTask DisposeAsync() => Host.DisposeAsync();

    private async Task RegisterAsync(MetadataImage? before)
    {
        IBrokerSessionHost session = Host;
        var registration = await session.DescribeBrokerAsync(default);
        if (before is not null)
            _metadata.Publish(MetadataDelta.Between(MetadataImage.Empty, before));

        var epoch = Image.Version + 1;
        await session.OnRegisteredAsync(new BrokerRegistrationResult { BrokerEpoch = epoch, ClusterId = "AAAAAAAAAAAAAAAAAAAAAA", ControllerEpoch = 1 }, default);
        _metadata.Publish(Image.Apply(epoch, [
            new BrokerRecord
            {
                Id = Id,
                Epoch = epoch,
                IncarnationId = Guid.NewGuid(),
                SiloAddress = "S127.0.0.1:11111:1",
                Directories = [.. registration.DirectoryIds],
                Fenced = false,
            },
        ]));
    }
}
