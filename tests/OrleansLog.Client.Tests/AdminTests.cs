using Microsoft.Extensions.DependencyInjection;

namespace OrleansLog.Client.Tests;

public sealed class AdminTests : ClientTest
{
    [Fact]
    public async Task Topics_are_created_listed_described_grown_and_deleted()
    {
        var made = await Log.Admin.CreateTopicAsync("orders", partitions: 3);
        Assert.Equal(("orders", 3), (made.Name, made.Partitions));
        Assert.Equal(["orders", "t"], (await Log.Admin.ListTopicsAsync()).Select(static topic => topic.Name));
        await Log.Admin.GrowTopicAsync("orders", 5);
        Assert.Equal(5, (await Log.Admin.DescribeTopicAsync("orders")).Partitions.Length);
        await Log.Admin.DeleteTopicAsync("orders");
        var error = await Assert.ThrowsAsync<UnknownTopicException>(() => Log.Admin.DescribeTopicAsync("orders"));
        Assert.Equal("orders", error.Topic);
    }

    [Fact]
    public async Task What_is_refused_is_thrown_for_one_and_told_for_many()
    {
        await Assert.ThrowsAsync<TopicAlreadyExistsException>(() => Log.Admin.CreateTopicAsync("t"));
        await Assert.ThrowsAsync<UnknownTopicException>(() => Log.Admin.DeleteTopicAsync("none"));
        var growth = await Assert.ThrowsAsync<LogException>(() => Log.Admin.GrowTopicAsync("t", 1));
        Assert.Equal((ErrorCode.InvalidPartitions, "It has 1 already."), (growth.Code, growth.Message));
        var results = await Log.Admin.CreateTopicsAsync([new NewTopic { Name = "t" }, new NewTopic { Name = "u" }]);
        Assert.Equal([ErrorCode.TopicAlreadyExists, ErrorCode.None], results.Select(static result => result.Error));
    }

    [Fact]
    public async Task Configurations_offsets_and_directories()
    {
        Cluster.Append(T0, "a", "b", "c");
        Assert.Equal("retention.ms", Assert.Single(await Log.Admin.DescribeTopicConfigAsync("t")).Name);
        await Log.Admin.AlterTopicConfigAsync("t", new Dictionary<string, string?> { ["retention.ms"] = "1", ["segment.bytes"] = null });
        var refused = await Assert.ThrowsAsync<LogException>(() =>
            Log.Admin.AlterTopicConfigAsync("t", new Dictionary<string, string?> { ["no.such"] = "1" }));
        Assert.Equal(ErrorCode.InvalidConfig, refused.Code);

        await Log.Admin.DeleteRecordsAsync([new DeleteRecordsQuery(T0, 2)]);
        var offsets = await Log.Admin.ListOffsetsAsync([new(T0, OffsetSpec.Earliest), new(T0, OffsetSpec.Latest), new(new("none", 0), OffsetSpec.Latest)]);
        Assert.Equal([(ErrorCode.None, 2), (ErrorCode.None, 3), (ErrorCode.UnknownTopicOrPartition, -1)], offsets.Select(static answer => (answer.Error, answer.Offset)));

        Assert.Equal("/data", Assert.Single(await Log.Admin.DescribeLogDirsAsync(1)).Path);
        var none = await Assert.ThrowsAsync<LogException>(() => Log.Admin.DescribeLogDirsAsync(9));
        Assert.Contains("there are: 1", none.Message, StringComparison.Ordinal);
        Assert.Equal(("fake", 1), ((await Log.Admin.DescribeClusterAsync()).ClusterId, (await Log.Admin.DescribeClusterAsync()).ControllerId));
    }

    [Fact]
    public async Task A_loss_is_accepted_only_where_there_is_one()
    {
        var led = await Assert.ThrowsAsync<LogException>(() => Log.Admin.AcceptLossAsync(T0));
        Assert.Equal((ErrorCode.ElectionNotNeeded, "Broker 1 leads t-0."), (led.Code, led.Message));
        await Assert.ThrowsAsync<UnknownTopicException>(() => Log.Admin.AcceptLossAsync(new("t", 9)));
        Cluster.LeaderlessPartition = T0;
        await Log.Admin.AcceptLossAsync(T0);
        Assert.Null(Cluster.LeaderlessPartition);
    }

    [Fact]
    public async Task Registration_takes_the_transport_that_the_process_has()
    {
        var services = new ServiceCollection();
        services.AddSingleton<ILogTransport>(Cluster).AddSingleton<IAdminTransport>(Cluster).AddSingleton<TimeProvider>(Time);
        services.AddOrleansLogClient();
        services.AddLogProducer<string, string>(static options => options.LingerMs = 900_000 / 10);
        services.AddLogConsumer<string, string>();
        Task<DeliveryResult> delivery;
        await using (var provider = services.BuildServiceProvider())
        {
            var producer = provider.GetRequiredService<ILogProducer<string, string>>();
            Assert.Same(producer, provider.GetRequiredService<ILogProducer<string, string>>());
            Assert.NotSame(provider.GetRequiredService<ILogConsumer<string, string>>(), provider.GetRequiredService<ILogConsumer<string, string>>());
            Assert.Same(provider.GetRequiredService<ILogClient>().Admin, provider.GetRequiredService<ILogAdmin>());
            delivery = producer.ProduceAsync("t", "k", "v").AsTask();
        }

        // The container's end flushes its producers: time stands still, so nothing else could have sent it.
        Assert.Equal(0, (await delivery.WaitAsync(Patience)).Offset);
    }

    [Fact]
    public void Registration_says_what_is_wrong()
    {
        var gateway = Assert.Throws<ArgumentException>(() => new ServiceCollection().AddOrleansLogClient(static options => options.Gateways = ["here"]));
        Assert.Contains("'here' is not a gateway", gateway.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_there_is_told_in_plain_words()
    {
        using var closed = new ReservedPort();
        var options = new LogClientOptions { Gateways = [closed.Address], ConnectTimeoutMs = 500 };
        var error = await Assert.ThrowsAsync<LogException>(() => LogClient.ConnectAsync(options));
        Assert.Equal((ErrorCode.NetworkException, true), (error.Code, error.IsRetriable));
        Assert.Contains("No OrleansLog silo answers at 127.0.0.1:", error.Message, StringComparison.Ordinal);
    }
}
