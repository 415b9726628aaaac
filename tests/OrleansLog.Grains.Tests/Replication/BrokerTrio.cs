using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansLog.Core.Configuration;
using OrleansLog.Core.Controller;
using OrleansLog.Grains.Directories;
using OrleansLog.Grains.Partitions;
using OrleansLog.Grains.Replicas;
using OrleansLog.Grains.Replication;
using OrleansLog.Log;
using OrleansLog.TestKit;

namespace OrleansLog.Grains.Tests.Replication;

/// <summary>
/// Three brokers in one process, on disks in memory: metadata is published to all of them by hand, followers fetch without a network, and leaders get
/// the ISRs that they ask for.
/// </summary>
internal sealed class BrokerTrio : IAsyncDisposable
{
    public static readonly TopicPartition Orders = new("orders", 0);

    private readonly Lock _gate = new();
    private readonly Dictionary<int, Node> _nodes = [];
    private readonly (string Key, string Value)[] _settings;
    private MetadataImage _image = MetadataImage.Empty;

    private BrokerTrio((string Key, string Value)[] settings) => _settings = settings;

    /// <summary>Starts them; broker 1 stands in rack-1, and so on.</summary>
    public static async Task<BrokerTrio> StartAsync(params (string Key, string Value)[] settings)
    {
        var trio = new BrokerTrio(settings);
        foreach (var id in new[] { 1, 2, 3 })
            await trio.StartNodeAsync(id, new MemoryDisk());

        return trio;
    }

    public LocalBroker this[int id] => _nodes[id].Host.Local;

    public PartitionImage Partition => _image.FindTopic(Orders.Topic)!.Partitions[0];

    /// <summary>Creates <see cref="Orders"/> on all three, led by the first broker.</summary>
    public Task CreateTopicAsync(params (string Key, string Value)[] configs)
    {
        var topicId = Guid.NewGuid();
        return PublishAsync([
            new TopicRecord(topicId, Orders.Topic),
            new PartitionRecord
            {
                TopicId = topicId,
                State = new PartitionImage { Partition = 0, Replicas = [1, 2, 3], Directories = [.. new[] { 1, 2, 3 }.Select(DirectoryIdOf)], Isr = [1, 2, 3], Leader = 1 },
            },
            .. configs.Select(config => new ConfigRecord(ConfigOwnerKind.Topic, Orders.Topic, config.Key, config.Value)),
        ]);
    }

    /// <summary>The controller elects another leader.</summary>
    public Task ElectAsync(int leader, params int[] isr) => PublishAsync([Change(leader, [.. isr])]);

    /// <summary>The controller takes a broker for gone; it stays in the ISR here.</summary>
    public Task FenceAsync(int id) => PublishAsync([new BrokerChangeRecord { Id = id, Epoch = _image.FindBroker(id)!.Epoch, Fenced = true }]);

    /// <summary>A broker fetches no more, from anybody; or again.</summary>
    public void Cut(int id, bool isCut = true) => _nodes[id].IsCut = isCut;

    /// <summary>The process of a broker is gone at once; what its disk has, it has.</summary>
    public async Task<MemoryDisk> StopAsync(int id)
    {
        _nodes.Remove(id, out var node);
        await node!.DisposeAsync();
        return node.Disk;
    }

    public async Task StartNodeAsync(int id, MemoryDisk disk)
    {
        var node = new Node(this, id, disk);
        await node.Host.OpenAsync();
        node.Host.Follow(node);
        IBrokerSessionHost session = node.Host;
        var registration = await session.DescribeBrokerAsync(default);
        lock (_gate)
            node.Metadata.Publish(MetadataDelta.Between(MetadataImage.Empty, _image));

        _nodes[id] = node;
        var epoch = _image.Version + 1;
        await session.OnRegisteredAsync(new BrokerRegistrationResult { BrokerEpoch = epoch, ClusterId = "AAAAAAAAAAAAAAAAAAAAAA", ControllerEpoch = 1 }, default);
        await PublishAsync([new BrokerRecord
        {
            Id = id,
            Epoch = epoch,
            IncarnationId = Guid.NewGuid(),
            SiloAddress = string.Create(CultureInfo.InvariantCulture, $"S127.0.0.1:{11110 + id}:1"),
            Directories = [.. registration.DirectoryIds],
            Rack = $"rack-{id}",
            Fenced = false,
        }]);
    }

    /// <summary>Completes when a condition holds of what can change at any moment.</summary>
    public static async Task UntilAsync(Func<bool> holds, string what)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!holds())
        {
            Assert.False(limit.IsCancellationRequested, what);
            await pause.WaitForNextTickAsync();
        }
    }

    /// <summary>What a broker that is cut off would fetch for.</summary>
    public FollowedReplica FollowedBy(int id) => _nodes[id].Followed;

    /// <summary>What a follower that fetches by hand has at a leader.</summary>
    public ReplicaFetchSession OpenSession(int leader, int follower) => this[leader].OpenReplicaSession(follower, _nodes[follower].Host.BrokerEpoch);

    public MemoryDisk DiskOf(int id) => _nodes[id].Disk;

    public DataDirectory DirectoryOf(int id) => _nodes[id].Host.Directories.All.Single();

    /// <summary>How many answers of leaders a broker has taken in.</summary>
    public int AnswersTakenBy(int id) => _nodes[id].AnswersTaken;

    /// <summary>How many other ISRs leaders asked for, and got.</summary>
    public int IsrChanges { get; private set; }

    public Partition PartitionOn(int id) => DirectoryOf(id).Partitions.Single();

    /// <summary>Reads a whole log on the disk; the first damage in it, or null.</summary>
    public static LogDamage? Scrub(Partition partition)
    {
        var outcome = partition.Scrub(0, int.MaxValue);
        while (outcome.Damage is null && !outcome.IsComplete)
            outcome = partition.Scrub(outcome.NextOffset, int.MaxValue);

        return outcome.Damage;
    }

    /// <summary>Changes bytes of a broker's only segment behind its back.</summary>
    public void LogOf(int id, Action<byte[]> change)
    {
        var path = DiskOf(id).Files(PartitionOn(id).Log.Directory).Single(file => file.EndsWith(".log", StringComparison.Ordinal));
        var content = DiskOf(id).ReadAll(path);
        change(content);
        using var file = DiskOf(id).Open(path, DiskOpen.ReadWrite);
        file.Write(0, content);
    }

    public ReplicaStatus StatusOf(int id) => _nodes[id].Host.Replicas.Find(new ReplicaKey(_image.FindTopic(Orders.Topic)!.Id, 0, id))!.Describe();

    public async ValueTask DisposeAsync()
    {
        foreach (var id in _nodes.Keys.ToArray())
            await StopAsync(id);
    }

    private Guid DirectoryIdOf(int id) => _image.FindBroker(id)!.Directories[0];

    private PartitionChangeRecord Change(int? leader, ImmutableArray<int> isr) => new()
    {
        TopicId = _image.FindTopic(Orders.Topic)!.Id,
        Partition = 0,
        PartitionEpoch = Partition.PartitionEpoch + 1,
        Leader = leader,
        LeaderEpoch = leader is null ? null : Partition.LeaderEpoch + 1,
        Isr = isr,
    };

    private async Task PublishAsync(IReadOnlyList<MetadataRecord> records)
    {
        Publish(records);
        foreach (var node in _nodes.Values)
            await node.Host.Replicas.SettledAsync(_image.Version);
    }

    private void Publish(IReadOnlyList<MetadataRecord> records)
    {
        lock (_gate)
        {
            var delta = _image.Apply(_image.Version + 1, records);
            _image = delta.Current;
            foreach (var node in _nodes.Values)
                node.Metadata.Publish(delta);
        }
    }

    private IsrChangeResults Alter(IsrChanges changes)
    {
        lock (_gate)
        {
            var asked = changes.Partitions.Single();
            var isCurrent = asked.LeaderEpoch == Partition.LeaderEpoch && asked.PartitionEpoch == Partition.PartitionEpoch;
            if (isCurrent)
            {
                int[] isr = [.. asked.NewIsr.Select(member => member.BrokerId)];
                Publish([Change(isr.Contains(Partition.Leader) ? null : isr[0], [.. isr])]);
                IsrChanges++;
            }

            return new IsrChangeResults(ErrorCode.None, 1, [new PartitionIsrResult
            {
                TopicId = asked.TopicId,
                Partition = 0,
                Error = isCurrent ? ErrorCode.None : ErrorCode.InvalidUpdateVersion,
                LeaderId = Partition.Leader,
                LeaderEpoch = Partition.LeaderEpoch,
                PartitionEpoch = Partition.PartitionEpoch,
                Isr = [.. Partition.Isr],
                Replicas = [.. Partition.Replicas],
            }]);
        }
    }

    private sealed class Node : IBrokerCluster, IReplicaFetchers, IAsyncDisposable
    {
        private readonly BrokerTrio _trio;
        private readonly ConcurrentDictionary<FollowedReplica, int> _followed = new();
        private readonly CancellationTokenSource _stopping = new();
        private readonly Task _fetching;

        public Node(BrokerTrio trio, int id, MemoryDisk disk)
        {
            (_trio, Id, Disk) = (trio, id, disk);
            var config = BrokerConfig.Parse(new Dictionary<string, string>(trio._settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value)))
            {
                ["node.id"] = id.ToString(CultureInfo.InvariantCulture),
                ["log.dirs"] = "/data",
                ["orleanslog.appender.threads"] = "1",
                ["replica.lag.time.max.ms"] = "1000",
            });
            Host = new BrokerHost(config.Value, disk, Metadata, TimeProvider.System, NullLogger<BrokerHost>.Instance) { MachineBootId = "boot-1", ReplicaFetchers = this };
            _fetching = Task.Run(FetchAsync);
        }

        public int Id { get; }

        public MemoryDisk Disk { get; }

        public MetadataCache Metadata { get; } = new();

        public BrokerHost Host { get; }

        public bool IsCut { get; set; }

        public int AnswersTaken { get; private set; }

        public FollowedReplica Followed => _followed.Keys.Single();

        public void Follow(FollowedReplica replica, int leaderId) => _followed[replica] = leaderId;

        public void Unfollow(FollowedReplica replica) => _followed.TryRemove(replica, out _);

        public Task ActivateReplicaAsync(ReplicaKey key) => Task.CompletedTask;

        public Task DeactivateReplicaAsync(ReplicaKey key) => Task.CompletedTask;

        public Task<ErrorCode> AssignDirectoriesAsync(DirectoryAssignments assignments) => Task.FromResult(ErrorCode.None);

        public void ReportOfflineDirectories(IEnumerable<Guid> directoryIds)
        {
        }

        public Task<TopicResults> CreateTopicAsync(NewTopic topic) => throw new NotSupportedException();

        public Task<bool> IsTakenForDeadAsync(string siloAddress, bool isGone) => throw new NotSupportedException();

        public Task<ErrorCode> ReportUnreachableAsync(long ownEpoch, int brokerId, long brokerEpoch, PeerLoss loss) => throw new NotSupportedException();

        public Task<IsrChangeResults> AlterPartitionAsync(IsrChanges changes) => Task.Run(() => _trio.Alter(changes));

        public async ValueTask DisposeAsync()
        {
            await _stopping.CancelAsync();
            await _fetching;
            Host.StopServing();
            await Host.DisposeAsync();
            _stopping.Dispose();
        }

        /// <summary>One fetch after the other, of each replica by itself, each on a session of its own.</summary>
        private async Task FetchAsync()
        {
            using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
            while (!_stopping.IsCancellationRequested)
            {
                foreach (var (replica, leaderId) in _followed)
                {
                    if (!IsCut && _trio._nodes.TryGetValue(leaderId, out var leader) && replica.TryNextFetch(leaderId, 1 << 20, out var position))
                        await FetchAsync(leader, replica, position);
                }

                await pause.WaitForNextTickAsync();
            }
        }

        private async Task FetchAsync(Node leader, FollowedReplica replica, ReplicaPosition position)
        {
            try
            {
                using var session = leader.Host.Local.OpenReplicaSession(Id, Host.BrokerEpoch);
                session.Move(position);
                using var result = await session.FetchAsync(maxWaitMs: 20, maxBytes: 1 << 20, CancellationToken.None);
                var stillAsked = true;
                foreach (var answer in IsCut ? [] : result.Answers)
                {
                    stillAsked = await replica.TakeAsync(position, answer);
                    AnswersTaken++;
                }

                if (stillAsked)
                    replica.Lost(position);
            }
            catch (InvalidOperationException)
            {
                // The leader has stopped.
                replica.Lost(position);
            }
        }
    }
}
