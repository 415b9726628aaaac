using System.Globalization;
using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using OrleansLog.Client;
using OrleansLog.Grains;
using OrleansLog.TestKit;
using static OrleansLog.Testing.Tests.KafkaClients;

namespace OrleansLog.Testing.Tests;

/// <summary>Brokers of a cluster that are paused, and what the others do.</summary>
public class ClusterPauseTests
{
    private const int Partitions = 3;
    private const int Never = int.MaxValue;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stock_client_goes_on_when_a_leader_is_paused_and_the_leader_follows_when_it_is_resumed(bool hostsController)
    {
        await using var cluster = await TestCluster.StartAsync(brokers: 3, options => options.PausedSiloDeadAfterMs = Never);
        var (leader, partition) = await LeaderAsync(cluster, hostsController);
        using var producer = Patient(cluster);
        using var hasty = Hasty(cluster);
        await hasty.ProduceAsync(partition, Message("first"));
        await producer.ProduceAsync(partition, Message("replicated"));
        var services = leader.Services;

        await leader.PauseAsync();
        var alone = hasty.ProduceAsync(partition, Message("alone"));
        for (var i = 0; i < 10; i++)
            await producer.ProduceAsync(partition, Message(Number(i)));

        string[] acknowledged = ["first", "replicated", .. Enumerable.Range(0, 10).Select(Number)];
        Assert.NotEqual(IdOf(leader, cluster), await cluster.LeaderOfAsync("orders", partition.Partition));
        Assert.Equal(acknowledged, await ReadAllAsync(cluster));
        Assert.True(leader.IsPaused);
        await Assert.ThrowsAsync<ProduceException<string, string>>(() => alone);

        await leader.ResumeAsync();
        Assert.Same(services, leader.Services);
        await cluster.WaitUntilInSyncAsync("orders");
        foreach (var other in Others(cluster, leader))
            await other.StopAsync();

        Assert.Equal(acknowledged, await ReadAllAsync(cluster));
        Assert.Equal(IdOf(leader, cluster), await cluster.LeaderOfAsync("orders", partition.Partition));
    }

    [Fact]
    public async Task A_paused_controller_decides_nothing_and_another_one_does()
    {
        await using var cluster = await TestCluster.StartAsync(brokers: 3, options => options.PausedSiloDeadAfterMs = Never);
        await CreateTopicAsync(cluster, "before", replicationFactor: 3);
        var host = Controller(cluster);
        await using var inside = host.CreateClient();
        await host.PauseAsync();
        var deciding = inside.Admin.CreateTopicAsync("alone", replicationFactor: 1);

        await CreateTopicAsync(cluster, "orders", replicationFactor: 2);
        Assert.False(deciding.IsCompleted);
        Assert.True(host.IsPaused);
        await host.ResumeAsync();

        await using var log = await cluster.ConnectAsync();
        await Assert.ThrowsAsync<UnknownTopicException>(() => log.Admin.DescribeTopicAsync("alone"));
        await CreateTopicAsync(cluster, "with-all", replicationFactor: 3);
        await cluster.WaitUntilInSyncAsync("with-all");
    }

    [Fact]
    public async Task A_paused_follower_fetches_nothing_until_it_is_resumed()
    {
        // Nobody takes it for dead, and nobody takes it out of the in-sync replicas.
        await using var cluster = await TestCluster.StartAsync(brokers: 2, options =>
        {
            options.PausedSiloDeadAfterMs = Never;
            options.Set("replica.lag.time.max.ms", "3600000");
        });
        var (leader, partition) = await LeaderAsync(cluster, hostsController: true);
        using var producer = Producer(cluster.BootstrapServers);
        await producer.ProduceAsync(partition, Message("before"));
        var follower = Others(cluster, leader).Single();
        await follower.PauseAsync();
        var waiting = producer.ProduceAsync(partition, Message("while"));
        await using (await TestBroker.StartAsync())
            Assert.False(waiting.IsCompleted);

        await follower.ResumeAsync();
        await waiting;
    }

    [Fact]
    public async Task A_paused_broker_takes_nobody_for_dead()
    {
        await using var cluster = await TestCluster.StartAsync(brokers: 3, options => options.PausedSiloDeadAfterMs = Never);
        await cluster.CreateTopicAsync("orders");
        var paused = Others(cluster, Controller(cluster)).First();
        await paused.PauseAsync();
        var other = Controller(cluster).Services;
        await paused.Services.GetRequiredService<IClusterMembershipService>().TryKill(other.GetRequiredService<ILocalSiloDetails>().SiloAddress);

        // What it is asked to do it does elsewhere, a moment later: meanwhile something else is done.
        await (await TestBroker.StartAsync()).DisposeAsync();
        var membership = other.GetRequiredService<IClusterMembershipService>();
        await membership.Refresh();
        Assert.Equal(3, membership.CurrentSnapshot.Members.Values.Count(member => member.Status == SiloStatus.Active));
    }

    [Fact]
    public async Task A_pause_that_the_others_do_not_notice_changes_nothing()
    {
        await using var cluster = await TestCluster.StartAsync(brokers: 3);
        await cluster.CreateTopicAsync("orders");
        using var producer = Patient(cluster);
        var everybody = Enumerable.Range(1, 3).Select(id => cluster[id]).ToArray();
        var services = everybody.Select(broker => broker.Services).ToArray();
        foreach (var broker in everybody)
        {
            await broker.PauseAsync();
            await broker.ResumeAsync();
            await producer.ProduceAsync("orders", Message("one more"));
        }

        Assert.Equal(services, everybody.Select(broker => broker.Services));
        await cluster.WaitUntilInSyncAsync("orders");
    }

    [Fact]
    public async Task A_broker_that_is_paused_for_long_is_taken_for_dead_and_started_anew_when_it_is_resumed()
    {
        await using var cluster = await TestCluster.StartAsync(brokers: 3, options => options.PausedSiloDeadAfterMs = 1);
        var (leader, partition) = await LeaderAsync(cluster, hostsController: false);
        var services = leader.Services;
        using var producer = Patient(cluster);
        await leader.PauseAsync();
        await producer.ProduceAsync(partition, Message("without"));

        await leader.ResumeAsync();
        Assert.NotSame(services, leader.Services);
        await cluster.WaitUntilInSyncAsync("orders");
        Assert.Equal(["without"], await ReadAllAsync(cluster));
    }

    [Theory]
    [InlineData("kill")]
    [InlineData("stop")]
    public async Task A_paused_broker_can_end_and_another_one_start_while_it_is_paused(string end)
    {
        await using var cluster = await TestCluster.StartAsync(brokers: 3, options => options.PausedSiloDeadAfterMs = Never);
        var (paused, partition) = await LeaderAsync(cluster, hostsController: false);
        var restarted = Others(cluster, paused).First(broker => broker != Controller(cluster));
        using var producer = Patient(cluster);
        await producer.ProduceAsync(partition, Message("before"));
        await paused.PauseAsync();
        await restarted.KillAsync();
        await restarted.StartAgainAsync();
        await producer.ProduceAsync(partition, Message("while"));
        await (end == "kill" ? paused.KillAsync() : paused.StopAsync());
        Assert.False(paused.IsRunning);
        await producer.ProduceAsync(partition, Message("after"));

        await paused.StartAgainAsync();
        await cluster.WaitUntilInSyncAsync("orders");
        Assert.Equal(["before", "while", "after"], await ReadAllAsync(cluster));
    }

    [Fact]
    public async Task A_cluster_of_paused_brokers_goes_on_when_they_are_resumed_and_is_disposed_when_they_are_not()
    {
        using var place = new TempDirectory("testing");
        await using (var cluster = await TestCluster.StartAsync(brokers: 2, options => options.TempPath = place.Path))
        {
            await cluster.CreateTopicAsync("orders");
            using var producer = Patient(cluster);
            await Task.WhenAll(cluster[1].PauseAsync(), cluster[2].PauseAsync());
            var waiting = producer.ProduceAsync("orders", Message("one"));
            await cluster[1].ResumeAsync();
            await cluster[2].ResumeAsync();
            await waiting;
            await Task.WhenAll(cluster[1].PauseAsync(), cluster[2].PauseAsync());
        }

        Assert.Empty(Directory.GetFileSystemEntries(place.Path));
    }

    [Fact]
    public async Task A_broker_that_is_wrongly_taken_for_dead_ends_alone_and_can_be_started_again()
    {
        await using var cluster = await TestCluster.StartAsync(brokers: 2);
        var silo = cluster[1].Services.GetRequiredService<ILocalSiloDetails>().SiloAddress;
        await cluster[2].Services.GetRequiredService<IClusterMembershipService>().TryKill(silo);

        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var limit = new CancellationTokenSource(Patience);
        while (cluster[1].IsRunning)
            await look.WaitForNextTickAsync(limit.Token);

        await cluster[1].StartAgainAsync();
        await cluster.CreateTopicAsync("orders", replicationFactor: 2);
        await cluster.WaitUntilInSyncAsync("orders");
    }

    /// <summary>A new topic's partition whose leader hosts the controller, or does not, with that leader.</summary>
    private static async Task<(TestBroker Leader, Confluent.Kafka.TopicPartition Partition)> LeaderAsync(TestCluster cluster, bool hostsController)
    {
        // One in sync is enough, so that the last one left can be read.
        await cluster.CreateTopicAsync("orders", Partitions, configs: new Dictionary<string, string> { ["min.insync.replicas"] = "1" });
        var controller = Controller(cluster);
        for (var partition = 0; partition < Partitions; partition++)
        {
            var leader = cluster[await cluster.LeaderOfAsync("orders", partition)];
            if (leader == controller == hostsController)
                return (leader, new Confluent.Kafka.TopicPartition("orders", partition));
        }

        throw new InvalidOperationException("three partitions are led by three brokers");
    }

    /// <summary>Between two controllers there is none, and nobody is asked twice for a change.</summary>
    private static async Task CreateTopicAsync(TestCluster cluster, string topic, short replicationFactor)
    {
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            try
            {
                await cluster.CreateTopicAsync(topic, replicationFactor: replicationFactor, cancellationToken: limit.Token);
                return;
            }
            catch (TopicAlreadyExistsException)
            {
                return;
            }
            catch (LogException)
            {
                await again.WaitForNextTickAsync(limit.Token);
            }
        }
    }

    /// <summary>The broker that hosts the controller, by the newest metadata: brokers that have just started may each have been it for a moment.</summary>
    private static TestBroker Controller(TestCluster cluster)
    {
        var brokers = Enumerable.Range(1, cluster.Count).Select(id => cluster[id]).ToArray();
        var newest = brokers.Select(broker => broker.Services.GetRequiredService<MetadataCache>().Current).MaxBy(image => image.Version)!;
        return brokers.Single(broker => broker.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToParsableString() == newest.ControllerSilo);
    }

    private static IEnumerable<TestBroker> Others(TestCluster cluster, TestBroker broker) =>
        Enumerable.Range(1, cluster.Count).Select(id => cluster[id]).Where(other => other != broker);

    private static int IdOf(TestBroker broker, TestCluster cluster) => Enumerable.Range(1, cluster.Count).Single(id => cluster[id] == broker);

    /// <summary>Tries until it is acknowledged, and writes nothing twice.</summary>
    private static IProducer<string, string> Patient(TestCluster cluster) => new ProducerBuilder<string, string>(new ProducerConfig
    {
        BootstrapServers = cluster.BootstrapServers,
        EnableIdempotence = true,
        LingerMs = 0,
        SocketTimeoutMs = 3_000,
    }).Build();

    /// <summary>Is content with the leader, and tries once.</summary>
    private static IProducer<string, string> Hasty(TestCluster cluster) => new ProducerBuilder<string, string>(new ProducerConfig
    {
        BootstrapServers = cluster.BootstrapServers,
        Acks = Confluent.Kafka.Acks.Leader,
        LingerMs = 0,
        MessageSendMaxRetries = 0,
        SocketTimeoutMs = 10_000,
    }).Build();

    private static Message<string, string> Message(string value) => new() { Value = value };

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static async Task<List<string>> ReadAllAsync(TestCluster cluster)
    {
        await using var log = await cluster.ConnectAsync();
        await using var consumer = log.CreateConsumer<string, string>();
        await consumer.AssignTopicAsync("orders", StartAt.Beginning);
        var read = new List<string>();
        await foreach (var record in consumer.ReadToEndAsync())
            read.Add(record.Value);

        return read;
    }
}
