using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using OrleansLog.Core.Configuration;
using OrleansLog.Core.Controller;
using OrleansLog.TestKit;

namespace OrleansLog.Grains.Tests.Controller;

/// <summary>Controller grain, broker session and SQLite together, in real silos.</summary>
public sealed class ControllerSiloTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    private string DatabasePath => _directory.Combine("metadata.db");

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_topic_gets_leaders_and_is_there_after_a_restart()
    {
        Guid topicId;
        await using (var silo = await TestSilo.StartAsync(DatabasePath))
        {
            await silo.Session.Unfenced.WaitAsync(TimeSpan.FromMinutes(2));
            var created = await silo.CreateTopicAsync("orders", 4);
            Assert.Equal(ErrorCode.None, created.Error);
            Assert.All(silo.Cache.Current.FindTopic("orders")!.Partitions, partition => Assert.Equal(1, partition.Leader));
            Assert.Equal(1, silo.Cache.Current.ControllerId);
            topicId = created.TopicId;
        }

        await using var restarted = await TestSilo.StartAsync(DatabasePath);
        var image = await restarted.UntilAsync(image => image.FindTopic(topicId)?.Partitions.All(partition => partition.HasLeader) == true);

        Assert.Equal(2, image.ControllerEpoch);
        Assert.All(image.FindTopic("orders")!.Partitions, partition => Assert.Equal((2, 0), (partition.LeaderEpoch, partition.UncleanElections)));
    }

    [Fact]
    public async Task A_killed_silo_comes_back_at_another_port_without_waiting_for_its_old_session()
    {
        var silo = await TestSilo.StartAsync(DatabasePath);
        await silo.Session.Unfenced.WaitAsync(TimeSpan.FromMinutes(2));
        await silo.CreateTopicAsync("orders", 2);
        var epoch = silo.Session.BrokerEpoch;
        await silo.KillAsync();

        await using var restarted = await TestSilo.StartAsync(DatabasePath);
        var image = await restarted.UntilAsync(image => image.FindTopic("orders")?.Partitions.All(partition => partition.HasLeader) == true);

        Assert.True(image.Brokers[1].Epoch > epoch);
    }

    [Fact]
    public async Task A_second_silo_with_a_live_node_id_does_not_start_and_says_why()
    {
        await using var first = await TestSilo.StartAsync(DatabasePath);
        await first.Session.Unfenced.WaitAsync(TimeSpan.FromMinutes(2));

        var error = await Assert.ThrowsAnyAsync<Exception>(() => TestSilo.StartAsync(DatabasePath, nodeId: 1, Guid.NewGuid(), first.Endpoint));

        Assert.Contains("node.id 1 is in use", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(ErrorCode.None, (await first.CreateTopicAsync("still-there", 1)).Error);
    }

    [Fact]
    public async Task Two_brokers_share_the_partitions_and_both_see_the_same_metadata()
    {
        await using var first = await TestSilo.StartAsync(DatabasePath);
        await using var second = await TestSilo.StartAsync(DatabasePath, nodeId: 2, primary: first.Endpoint);
        await Task.WhenAll(first.Session.Unfenced, second.Session.Unfenced).WaitAsync(TimeSpan.FromMinutes(2));

        await second.CreateTopicAsync("shared", 6);
        var image = await first.UntilAsync(image => image.FindTopic("shared") is not null);

        Assert.All(image.FindTopic("shared")!.Partitions.CountBy(partition => partition.Leader), count => Assert.Equal(3, count.Value));
    }

    [Fact]
    public async Task A_second_controller_activation_wins_and_the_grain_steps_down_and_takes_over_again()
    {
        await using var silo = await TestSilo.StartAsync(DatabasePath);
        await silo.Session.Unfenced.WaitAsync(TimeSpan.FromMinutes(2));
        var settings = new ControllerSettings { Config = BrokerConfig.Parse(new Dictionary<string, string>()).Value, NewId = Guid.NewGuid };
        await using var intruder = new ControllerShell(new GrainStorageMetadataLog(silo.Storage), settings, TimeProvider.System, NullLogger.Instance);
        await intruder.StartAsync("127.0.0.1:1@1", "unused", static _ => Task.FromResult(true), CancellationToken.None);
        Assert.Equal(2, intruder.ControllerEpoch);

        Assert.Equal(ErrorCode.None, (await silo.CreateTopicAsync("after", 1)).Error);

        Assert.Equal(3, silo.Cache.Current.ControllerEpoch);
        await intruder.SteppedDown.WaitAsync(TimeSpan.FromMinutes(2));
    }

    [Fact]
    public async Task A_broker_whose_registration_was_taken_over_registers_again()
    {
        await using var silo = await TestSilo.StartAsync(DatabasePath);
        await silo.Session.Unfenced.WaitAsync(TimeSpan.FromMinutes(2));
        var epoch = silo.Session.BrokerEpoch;
        var broker = silo.Cache.Current.Brokers[1];

        var taken = await silo.Controller.RegisterBrokerAsync(new BrokerRegistration
        {
            NodeId = 1,
            IncarnationId = Guid.NewGuid(),
            SiloAddress = broker.SiloAddress + "1",
            DirectoryIds = [.. broker.Directories],
        });

        Assert.True(taken.BrokerEpoch > epoch);
        await silo.UntilAsync(image => image.Brokers[1].Epoch > taken.BrokerEpoch && !image.Brokers[1].Fenced);
    }

    [Fact]
    public async Task A_metadata_log_that_takes_nothing_is_tried_now_and_then_and_whoever_asks_hears_why()
    {
        var disk = new FullDisk();
        await using var silo = await TestSilo.StartAsync(DatabasePath, wrapLog: log => new FullDiskLog(log, disk));
        await silo.Session.Unfenced.WaitAsync(TimeSpan.FromMinutes(2));

        disk.IsFull = true;
        var answers = new List<TopicResult>();
        for (var i = 0; i < 300; i++)
        {
            answers.AddRange((await silo.Controller.CreateTopicsAsync([new NewTopic { Name = "orders", Partitions = 1, ReplicationFactor = 1 }], validateOnly: false)).Results);
        }

        Assert.All(answers, answer => Assert.Equal(ErrorCode.NotController, answer.Error));
        Assert.Contains("the disk is full", answers[^1].Message, StringComparison.Ordinal);
        Assert.True(disk.Refused < 60, $"{disk.Refused} appends were tried for 300 requests");

        disk.IsFull = false;
        Assert.Equal(ErrorCode.None, (await silo.CreateTopicAsync("orders", 1)).Error);
    }

    [Fact]
    public void Failures_in_a_row_are_told_once_and_their_pauses_grow()
    {
        var time = new FakeTimeProvider();
        var failures = new MetadataLogFailures(time);
        Assert.Equal(TimeSpan.Zero, failures.Pause);
        Assert.True(failures.Note());
        Assert.Equal(MetadataLogFailures.FirstPause, failures.Pause);
        for (var i = 0; i < 50; i++)
        {
            Assert.False(failures.Note());
        }

        Assert.Equal(MetadataLogFailures.LongestPause, failures.Pause);
        time.Advance(MetadataLogFailures.Quiet + TimeSpan.FromSeconds(1));
        Assert.True(failures.Note());
    }

    [Fact]
    public async Task A_failed_directory_takes_its_partitions_offline_at_once()
    {
        var directory = Guid.NewGuid();
        await using var silo = await TestSilo.StartAsync(DatabasePath, directory: directory);
        await silo.Session.Unfenced.WaitAsync(TimeSpan.FromMinutes(2));
        await silo.CreateTopicAsync("orders", 1);

        silo.Session.ReportOfflineDirectories([directory]);

        await silo.UntilAsync(image => !image.FindTopic("orders")!.Partitions[0].HasLeader);
    }

    [Fact]
    public async Task Damaged_metadata_stops_the_silo_with_a_clear_error()
    {
        await (await TestSilo.StartAsync(DatabasePath)).DisposeAsync();
        SqliteConnection.ClearAllPools();
        SqliteMetadata.Query(DatabasePath, "UPDATE OrleansStorage SET PayloadBinary = CAST('garbage' AS BLOB) WHERE GrainIdN1 = 1 AND GrainTypeString = 'version'");

        var error = await Assert.ThrowsAnyAsync<Exception>(() => TestSilo.StartAsync(DatabasePath));

        Assert.Contains("metadata log cannot be read", error.ToString(), StringComparison.Ordinal);
    }

    private sealed class FullDisk
    {
        private int _refused;

        public volatile bool IsFull;

        public int Refused => _refused;

        public void Refuse() => Interlocked.Increment(ref _refused);
    }

    private sealed class FullDiskLog(IMetadataLog inner, FullDisk disk) : IMetadataLog
    {
        public Task<MetadataLogContents> ReadAsync(CancellationToken cancellationToken) => inner.ReadAsync(cancellationToken);

        public Task<MetadataEntry?> AppendAsync(
            long expectedVersion, long controllerEpoch, IReadOnlyList<MetadataRecord> records, CancellationToken cancellationToken)
        {
            if (!disk.IsFull)
            {
                return inner.AppendAsync(expectedVersion, controllerEpoch, records, cancellationToken);
            }

            disk.Refuse();
            throw new IOException("the disk is full");
        }

        public Task<bool> IsHeadAsync(long version, CancellationToken cancellationToken) => inner.IsHeadAsync(version, cancellationToken);

        public Task SaveSnapshotAsync(MetadataImage image, CancellationToken cancellationToken) => inner.SaveSnapshotAsync(image, cancellationToken);
    }
}
