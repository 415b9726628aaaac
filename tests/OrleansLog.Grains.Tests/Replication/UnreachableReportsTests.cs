using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Runtime;
using OrleansLog.Core.Controller;
using OrleansLog.Grains.Replicas;
using OrleansLog.Grains.Replication;

namespace OrleansLog.Grains.Tests.Replication;

public sealed class UnreachableReportsTests : IDisposable
{
    private const string ControllersSilo = "127.0.0.1:11111@1";

    private readonly FakeCluster _cluster = new();
    private readonly BrokerContext _broker;
    private readonly UnreachableReports _reports;

    public UnreachableReportsTests()
    {
        _broker = new BrokerContext(2, TimeProvider.System, NullLogger.Instance) { RequestWaitMaxMs = 1000, BrokerEpoch = 22 };
        _reports = new UnreachableReports(_broker, _cluster);
        _broker.Metadata.Publish(MetadataImage.Empty.Apply(1, [new ControllerEpochRecord(1, ControllersSilo), Broker(1, 11, ControllersSilo), Broker(3, 33, "127.0.0.1:11113@1")]));
    }

    public void Dispose() => _broker.Dispose();

    [Fact]
    public async Task The_silo_of_the_controller_is_declared_dead_once_however_often_the_next_controller_has_to_be_told()
    {
        _cluster.Answers = new([ErrorCode.NotController, ErrorCode.NotController, ErrorCode.None]);

        Assert.False(await _reports.ReportAsync(1, 11, PeerLoss.Gone, default));
        Assert.False(await _reports.ReportAsync(1, 11, PeerLoss.Gone, default));
        Assert.True(await _reports.ReportAsync(1, 11, PeerLoss.Gone, default));

        Assert.Equal([ControllersSilo], _cluster.DeclaredDead);
        Assert.Equal([(22L, 1, 11L), (22L, 1, 11L), (22L, 1, 11L)], _cluster.Reported);
    }

    [Fact]
    public async Task A_silo_of_the_controller_whose_port_is_open_is_left_to_the_probes()
    {
        Assert.False(await _reports.ReportAsync(1, 11, PeerLoss.Broken, default));
        Assert.Empty(_cluster.DeclaredDead);
        Assert.Empty(_cluster.Reported);
    }

    [Fact]
    public async Task Another_broker_is_told_of_and_one_that_was_registered_anew_is_not()
    {
        Assert.True(await _reports.ReportAsync(3, 33, PeerLoss.Gone, default));
        Assert.True(await _reports.ReportAsync(3, 32, PeerLoss.Gone, default));
        Assert.True(await _reports.ReportAsync(4, 44, PeerLoss.Gone, default));

        Assert.Empty(_cluster.DeclaredDead);
        Assert.Equal([(22L, 3, 33L)], _cluster.Reported);
    }

    private static BrokerRecord Broker(int id, long epoch, string silo) => new()
    {
        Id = id,
        Epoch = epoch,
        IncarnationId = Guid.NewGuid(),
        SiloAddress = silo,
        Directories = [],
        Fenced = false,
    };

    private sealed class FakeCluster : IBrokerCluster
    {
        private readonly SiloDeaths _deaths;

        public FakeCluster() => _deaths = new(
            silo =>
            {
                DeclaredDead.Enqueue(silo.ToParsableString());
                return Task.FromResult(true);
            },
            NullLogger.Instance);

        public Queue<ErrorCode> Answers { get; set; } = new();

        public ConcurrentQueue<string> DeclaredDead { get; } = new();

        public ConcurrentQueue<(long OwnEpoch, int BrokerId, long BrokerEpoch)> Reported { get; } = new();

        public Task<bool> IsTakenForDeadAsync(string siloAddress, bool isGone) => _deaths.IsTakenForDeadAsync(SiloAddress.FromParsableString(siloAddress), isGone);

        public Task<ErrorCode> ReportUnreachableAsync(long ownEpoch, int brokerId, long brokerEpoch, PeerLoss loss)
        {
            Reported.Enqueue((ownEpoch, brokerId, brokerEpoch));
            return Task.FromResult(Answers.TryDequeue(out var answer) ? answer : ErrorCode.None);
        }

        public Task ActivateReplicaAsync(ReplicaKey key) => throw new NotSupportedException();

        public Task DeactivateReplicaAsync(ReplicaKey key) => throw new NotSupportedException();

        public Task<ErrorCode> AssignDirectoriesAsync(DirectoryAssignments assignments) => throw new NotSupportedException();

        public void ReportOfflineDirectories(IEnumerable<Guid> directoryIds) => throw new NotSupportedException();

        public Task<IsrChangeResults> AlterPartitionAsync(IsrChanges changes) => throw new NotSupportedException();

        public Task<TopicResults> CreateTopicAsync(NewTopic topic) => throw new NotSupportedException();
    }
}
