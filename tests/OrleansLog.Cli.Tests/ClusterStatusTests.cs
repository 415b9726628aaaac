using System.Text.Json;
using OrleansLog.Client;
using OrleansLog.TestKit;

namespace OrleansLog.Cli.Tests;

/// <summary>What <c>broker list</c> and <c>cluster status</c> make of a cluster, and how they go on without one.</summary>
public class ClusterStatusTests
{
    private const string HideCursor = "\x1b[?25l";
    private const string ShowCursor = "\x1b[?25h";

    private readonly MemoryBroker _broker = new()
    {
        Brokers =
        [
            new() { Id = 1, Host = "one", Port = 9092, Rack = "a", SiloAddress = "127.0.0.1:11111@1", Epoch = 3 },
            new() { Id = 2, Host = "two", Port = 9092, IsShuttingDown = true },
            new() { Id = 3, Host = "three", Port = 9092, IsFenced = true },
        ],
    };

    public ClusterStatusTests() => _broker.AddTopic("orders", 2);

    [Fact]
    public async Task Brokers_are_listed_with_their_state_and_what_they_have_to_do()
    {
        Tell("orders", 0, leader: 1, [1, 2, 4], [1, 2]);
        Tell("orders", 1, leader: 2, [2, 3, 1], [2]);
        Assert.Equal(
            [
                "BROKER STATE ROLE LISTENER RACK LEADERS REPLICAS OUT-OF-SYNC", "1 up controller one:9092 a 1 2 1", "2 stopping broker two:9092 - 1 2 0",
                "3 fenced broker three:9092 - 0 1 1", "4 away broker - - 0 1 1",
            ],
            (await RunAsync("broker", "list")).Succeeded().Lines.Select(Words));
        var brokers = Parse(await RunAsync("broker", "list", "-o", "json"));
        Assert.Equal(4, brokers.GetArrayLength());
        Assert.Equal(
            """{"broker":1,"state":"up","isController":true,"listener":"one:9092","rack":"a","leaders":1,"replicas":2,"outOfSync":1}""", brokers[0].GetRawText());
        Assert.Equal(["1 up", "2 up", "3 fenced"], (await RunAsync("cluster", "describe")).Lines.Skip(2).Select(line => string.Join(' ', Words(line).Split(' ')[..2])));
    }

    [Fact]
    public async Task A_cluster_that_is_well_is_told_in_a_few_lines()
    {
        var status = (await RunAsync("cluster", "status")).Succeeded();
        Assert.Equal(
            [
                "cluster AAAAAAAAAAAAAAAAAAAAAQ  controller 1", "brokers up 1 of 3, broker 2 stopping, broker 3 fenced", "topics 1  partitions 2",
                "offline 0  under-replicated 0  under-min-isr 0  at-min-isr 0  not-preferred-leader 0", "all partitions are well",
            ],
            status.Lines);
        var document = Parse((await RunAsync("cluster", "status", "-o", "json")).Succeeded());
        Assert.True(document.GetProperty("isHealthy").GetBoolean());
        Assert.Equal((0, 3), (document.GetProperty("problems").GetArrayLength(), document.GetProperty("brokers").GetArrayLength()));
    }

    [Fact]
    public async Task What_is_wrong_is_told_partition_by_partition_the_worst_first()
    {
        await MakeAMessAsync();
        var status = await RunAsync("cluster", "status");
        Assert.Equal(ExitCode.Degraded, status.Code);
        Assert.Empty(status.Error);
        Assert.Equal(
            [
                "offline 1 under-replicated 3 under-min-isr 1 at-min-isr 1 not-preferred-leader 2", "TOPIC PARTITION LEADER REPLICAS ISR ELR PROBLEM",
                "orders 1 none 2,3 - 3,2 no leader; offline on broker 2, 3; waits for broker 3 or 2",
                "strict 1 2 1,2,3 2 3 out of sync on broker 1, 3; under min.insync.replicas 2: acks=all is refused; led by broker 2, not by the preferred 1",
                "strict 0 1 1,2,3 1,2 - out of sync on broker 3; at min.insync.replicas 2", "loose 0 1 1,2,3 1,2 - out of sync on broker 3",
                "orders 0 2 1,2 2,1 - led by broker 2, not by the preferred 1",
            ],
            status.Lines.Skip(3).Select(Words));
    }

    [Fact]
    public async Task As_json_it_is_one_object_with_names_that_stay()
    {
        await MakeAMessAsync();
        var status = await RunAsync("cluster", "status", "-o", "json", "--problems", "2");
        Assert.Equal(ExitCode.Degraded, status.Code);
        var document = Parse(status);
        Assert.Equal(
            [
                "timestamp", "clusterId", "controller", "isHealthy", "topics", "partitionCount", "offline", "underReplicated", "underMinIsr", "atMinIsr",
                "notPreferredLeader", "problemCount", "problems", "brokers",
            ],
            document.EnumerateObject().Select(property => property.Name));
        Assert.Equal((1, 3, 1, 1, 2, 5), (Number("offline"), Number("underReplicated"), Number("underMinIsr"), Number("atMinIsr"), Number("notPreferredLeader"), Number("problemCount")));
        Assert.Equal((false, 3, 5), (document.GetProperty("isHealthy").GetBoolean(), Number("topics"), Number("partitionCount")));
        Assert.Equal(2, document.GetProperty("problems").GetArrayLength());
        Assert.Equal(
            """{"topic":"strict","partition":1,"problems":["under-min-isr","under-replicated","not-preferred-leader"],"leader":2,"replicas":[1,2,3],"isr":[2],"eligibleLeaderReplicas":[3],"offlineReplicas":[],"minIsr":2}""",
            document.GetProperty("problems")[1].GetRawText());

        int Number(string name) => document.GetProperty(name).GetInt32();
    }

    [Fact]
    public async Task Only_so_many_partitions_are_named_and_the_rest_counted()
    {
        await MakeAMessAsync();
        var lines = (await RunAsync("cluster", "status", "--problems", "1")).Lines;
        Assert.Equal(["1 of 5 partitions with a problem are shown; --problems N shows more"], lines[6..]);
        Assert.Equal(5, (await RunAsync("cluster", "status", "--problems", "0")).Lines.Length);
    }

    [Theory]
    [InlineData(1, "out of sync on broker 2; at min.insync.replicas 1")]
    [InlineData(-1, "no leader; offline on broker 1, 2")]
    public async Task A_replica_out_of_sync_or_a_missing_leader_is_a_failure_by_itself(int leader, string problem)
    {
        (await RunAsync("config", "set", "-t", "orders", "min.insync.replicas=1")).Succeeded();
        Tell("orders", 0, leader, [1, 2], [1]);
        var status = await RunAsync("cluster", "status");
        Assert.Equal(ExitCode.Degraded, status.Code);
        Assert.EndsWith(problem, status.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_leader_that_is_not_the_preferred_one_is_told_and_no_failure()
    {
        Tell("orders", 0, leader: 2, [1, 2], [2, 1]);
        Assert.Contains("orders 0 2 1,2 2,1 - led by broker 2, not by the preferred 1", (await RunAsync("cluster", "status")).Succeeded().Lines.Select(Words));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Watching_goes_on_while_the_cluster_cannot_be_reached_and_ends_at_ctrl_c(bool outIsTerminal)
    {
        var pictures = 0;
        _broker.OnDescribeCluster = () => Interlocked.Increment(ref pictures) == 2 ? new LogException(ErrorCode.NetworkException, "The cable is out.") : null;
        using var stop = new CancellationTokenSource();
        using var output = new StopAfter("all partitions are well", 3, stop);
        var result = await CliHarness.RunAsync(["cluster", "status", "--watch", "1ms"], [], _broker, output, outIsTerminal: outIsTerminal, cancellationToken: stop.Token);
        Assert.Equal((ExitCode.Interrupted, ""), (result.Code, result.Error));
        Assert.Contains("cannot be reached: The cable is out (NETWORK_EXCEPTION)", output.Text, StringComparison.Ordinal);
        Assert.Matches($@"{(outIsTerminal ? "" : "^")}20\d\d-\d\d-\d\dT[\d:.]+Z\s", output.Text);
        Assert.Equal(output.Text.Contains(HideCursor, StringComparison.Ordinal), output.Text.TrimEnd().EndsWith(ShowCursor, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Watched_as_json_each_picture_is_an_object()
    {
        var pictures = 0;
        _broker.OnDescribeCluster = () => Interlocked.Increment(ref pictures) == 2 ? new LogException(ErrorCode.NetworkException, "The cable is out.") : null;
        using var stop = new CancellationTokenSource();
        using var output = new StopAfter("clusterId", 2, stop);
        await CliHarness.RunAsync(["cluster", "status", "-w", "1ms", "-o", "json"], [], _broker, output, cancellationToken: stop.Token);
        var documents = output.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal("The cable is out (NETWORK_EXCEPTION)", documents[1].GetProperty("error").GetString());
        Assert.All(documents, document => Assert.True(document.GetProperty("timestamp").GetInt64() > 0));
        Assert.True(documents[2].GetProperty("isHealthy").GetBoolean());
    }

    [Fact]
    public async Task Without_a_broker_one_picture_fails_and_watching_says_so_each_time()
    {
        string[] command = ["cluster", "status", "--bootstrap-server", $"127.0.0.1:{FreePorts.Take(1)[0]}"];
        (await CliHarness.RunAsync(command, [], new Connector())).Failed(ExitCode.CannotConnect, "no broker answers at");
        (await CliHarness.RunAsync(["broker", "list", .. command[2..]], [], new Connector())).Failed(ExitCode.CannotConnect, "no broker answers at");

        using var stop = new CancellationTokenSource();
        using var output = new StopAfter("cannot be reached: no broker answers at", 2, stop);
        var result = await CliHarness.RunAsync([.. command, "--watch", "1ms"], [], new Connector(), output, cancellationToken: stop.Token);
        Assert.Equal((ExitCode.Interrupted, ""), (result.Code, result.Error));
    }

    [Fact]
    public async Task What_the_cluster_refuses_is_told_in_its_words()
    {
        _broker.OnDescribeCluster = () => new LogException(ErrorCode.ClusterAuthorizationFailed, "You may not.");
        (await RunAsync("cluster", "status")).Failed(ExitCode.Error, "You may not (CLUSTER_AUTHORIZATION_FAILED)");
    }

    [Theory]
    [InlineData("is not a length of time", "--watch", "0")]
    [InlineData("is not a length of time", "--watch", "2d")]
    [InlineData("is not a length of time", "--watch", "often")]
    [InlineData("'-1' is not a whole number from 0", "--problems", "-1")]
    public async Task A_wrong_option_is_told(string words, params string[] options) =>
        (await CliHarness.RunAsync(["cluster", "status", .. options])).Failed(ExitCode.Usage, words);

    [Fact]
    public async Task A_topic_is_described_with_its_eligible_leaders()
    {
        Tell("orders", 1, leader: -1, [2, 3], [], elr: [3]);
        var lines = (await RunAsync("topic", "describe", "orders")).Succeeded().Lines.Select(Words).ToArray();
        Assert.Equal("PARTITION LEADER EPOCH REPLICAS ISR ELR OFFLINE STATE", lines[1]);
        Assert.Equal("1 none 7 2,3 - 3 2,3 LEADER_NOT_AVAILABLE", lines[3]);
    }

    private static JsonElement Parse(CliResult result) => JsonDocument.Parse(Assert.Single(result.Lines)).RootElement;

    private static string Words(string line) => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private Task<CliResult> RunAsync(params string[] args) => CliHarness.RunAsync(args, [], _broker);

    private void Tell(string topic, int partition, int leader, int[] replicas, int[] isr, int[]? elr = null) => _broker.Told[new(topic, partition)] = new PartitionDescription
    {
        Error = leader < 0 ? ErrorCode.LeaderNotAvailable : ErrorCode.None,
        Partition = partition,
        LeaderId = leader,
        LeaderEpoch = 7,
        Replicas = replicas,
        Isr = isr,
        EligibleLeaderReplicas = elr ?? [],
        OfflineReplicas = leader < 0 ? replicas : [],
    };

    /// <summary>Each problem once, in topics of which one has a minimum of two replicas in sync, and one of one.</summary>
    private async Task MakeAMessAsync()
    {
        (await RunAsync("topic", "create", "strict", "-p", "2", "-c", "min.insync.replicas=2")).Succeeded();
        (await RunAsync("topic", "create", "loose", "-p", "1", "-c", "min.insync.replicas=1")).Succeeded();
        Tell("orders", 0, leader: 2, [1, 2], [2, 1]);
        Tell("orders", 1, leader: -1, [2, 3], [], elr: [3, 2]);
        Tell("strict", 0, leader: 1, [1, 2, 3], [1, 2]);
        Tell("strict", 1, leader: 2, [1, 2, 3], [2], elr: [3]);
        Tell("loose", 0, leader: 1, [1, 2, 3], [1, 2]);
    }
}
