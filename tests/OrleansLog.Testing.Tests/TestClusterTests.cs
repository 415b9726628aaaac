using System.Globalization;
using Confluent.Kafka;
using OrleansLog.TestKit;
using static OrleansLog.Testing.Tests.KafkaClients;

namespace OrleansLog.Testing.Tests;

public class TestClusterTests
{
    [Theory]
    [InlineData("kill")]
    [InlineData("stop")]
    public async Task A_stock_client_goes_on_when_a_leader_goes_and_nothing_that_was_acknowledged_is_lost(string fault)
    {
        await using var cluster = await TestCluster.StartAsync(brokers: 3);
        await cluster.CreateTopicAsync("orders");
        using var producer = Producer(cluster.BootstrapServers);
        for (var i = 0; i < 20; i++)
        {
            if (i == 10)
            {
                var leader = cluster[await cluster.LeaderOfAsync("orders", 0)];
                await (fault == "kill" ? leader.KillAsync() : leader.StopAsync());
                Assert.False(leader.IsRunning);
            }

            await producer.ProduceAsync("orders", new Message<string, string> { Value = Number(i) });
        }

        Assert.Equal(Enumerable.Range(0, 20).Select(Number), await ReadAllAsync(cluster, "orders"));
    }

    [Fact]
    public async Task A_broker_that_comes_back_is_in_sync_again_and_can_be_the_last_one_left()
    {
        await using var cluster = await TestCluster.StartAsync(brokers: 3);
        await cluster.CreateTopicAsync("orders", configs: new Dictionary<string, string> { ["min.insync.replicas"] = "1" });
        using var producer = Producer(cluster.BootstrapServers);
        var leader = await cluster.LeaderOfAsync("orders", 0);
        var other = (leader % 3) + 1;
        await cluster[other].KillAsync();
        await producer.ProduceAsync("orders", new Message<string, string> { Value = "without" });

        await cluster[other].StartAgainAsync();
        await cluster.WaitUntilInSyncAsync("orders");
        foreach (var id in new[] { 1, 2, 3 }.Where(id => id != other))
            await cluster[id].StopAsync();

        Assert.Equal(["without"], await ReadAllAsync(cluster, "orders"));
        Assert.Equal(other, await cluster.LeaderOfAsync("orders", 0));
    }

    [Fact]
    public async Task Clusters_and_brokers_run_side_by_side_and_leave_nothing_behind()
    {
        using var place = new TempDirectory("testing");
        var options = new TestBrokerOptions { TempPath = place.Path };
        await using (var one = await TestCluster.StartAsync(brokers: 2, options))
        await using (var two = await TestCluster.StartAsync(brokers: 1, options))
        await using (var three = await TestBroker.StartAsync(options))
        {
            Assert.Equal(2, one.Count);
            await one.CreateTopicAsync("numbers");
            await two.CreateTopicAsync("numbers");
            using var producer = Producer(one.BootstrapServers);
            await producer.ProduceAsync("numbers", new Message<string, string> { Value = "of-one" });
            await ProduceAsync(two[1], "numbers", "of-two");
            await ProduceAsync(three, "numbers", "of-three");
            Assert.Equal(["of-one"], await ReadAsync(one.BootstrapServers, "numbers", 1));
            Assert.Equal(["of-two"], await ReadAsync(two[1], "numbers", 1));
            Assert.Equal(["of-three"], await ReadAsync(three, "numbers", 1));
        }

        Assert.Empty(Directory.GetFileSystemEntries(place.Path));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(17)]
    public async Task A_number_of_brokers_that_cannot_be_meant_is_refused(int brokers) =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => TestCluster.StartAsync(brokers));

    [Fact]
    public async Task Brokers_are_called_by_their_ids()
    {
        await using var cluster = await TestCluster.StartAsync(brokers: 2, options => options.Set("num.partitions", "2"));
        Assert.Throws<ArgumentOutOfRangeException>(() => cluster[0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => cluster[3]);
        Assert.Equal($"{cluster[1].BootstrapServers},{cluster[2].BootstrapServers}", cluster.BootstrapServers);
        await cluster.CreateTopicAsync("orders", partitions: 2);
        Assert.Equal([1, 2], new[] { await cluster.LeaderOfAsync("orders", 0), await cluster.LeaderOfAsync("orders", 1) }.Order());
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => cluster.LeaderOfAsync("orders", 2));
    }

    private static async Task<List<string>> ReadAllAsync(TestCluster cluster, string topic)
    {
        await using var log = await cluster.ConnectAsync();
        await using var consumer = log.CreateConsumer<string, string>();
        await consumer.AssignTopicAsync(topic, Client.StartAt.Beginning);
        var read = new List<string>();
        await foreach (var record in consumer.ReadToEndAsync())
            read.Add(record.Value);

        return read;
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
