using Confluent.Kafka;
using OrleansLog.Cluster.Member;
using OrleansLog.TestKit;
using OrleansLog.TestKit.Processes;

namespace OrleansLog.Cluster.Tests.Groups;

using Acks = Confluent.Kafka.Acks;
using Partition = Confluent.Kafka.Partition;
using TopicPartition = Confluent.Kafka.TopicPartition;
using TopicPartitionOffset = Confluent.Kafka.TopicPartitionOffset;

/// <summary>What must be there after kill -9, looked at one by one, with librdkafka; flush policy and replication factor are the defaults.</summary>
public sealed class GroupKillTests : IAsyncLifetime
{
    private static readonly int Rounds = Repository.LongRuns ? 5 : 2;
    private static readonly TimeSpan LongEnough = TimeSpan.FromMinutes(3);
    private static readonly TopicPartition First = new("orders", 0);

    private readonly TempDirectory _place = new("group-kill");
    private readonly SiloLaunch _launch;
    private SiloProcess? _silo;

    public GroupKillTests() => _launch = new SiloLaunch(_place.Combine("data"))
    {
        Settings = new Dictionary<string, string> { ["num.partitions"] = "4", ["group.min.session.timeout.ms"] = "1000", ["group.initial.rebalance.delay.ms"] = "0" },
    };

    public async Task InitializeAsync() => _silo = await SiloProcess.StartAsync(_launch);

    public async Task DisposeAsync()
    {
        await _silo!.DisposeAsync();
        _place.Dispose();
    }

    [Fact]
    public async Task A_commit_that_was_answered_just_before_the_kill_is_there_after_it()
    {
        using (var producer = Producer())
        {
            await producer.ProduceAsync(First, new Message<string, string> { Value = "there" });
        }

        var config = new ConsumerConfig { BootstrapServers = _launch.BootstrapServers, GroupId = "committed", ReconnectBackoffMaxMs = 500 };
        using var consumer = new ConsumerBuilder<string, string>(config).SetLogHandler((_, _) => { }).Build();
        for (var round = 1; round <= Rounds; round++)
        {
            for (var commit = 1; commit <= 20; commit++)
            {
                consumer.Commit([new TopicPartitionOffset(First, (round * 100) + commit)]);
            }

            await RestartAsync();
            Assert.Equal((round * 100) + 20, consumer.Committed([First], LongEnough)[0].Offset.Value);
        }
    }

    [Fact]
    public async Task A_producer_goes_on_under_its_id_and_nothing_is_refused_or_stored_twice()
    {
        var reports = new List<DeliveryReport<string, string>>();
        using var producer = Producer();
        for (var round = 0; round < Rounds; round++)
        {
            for (var i = 0; i < 500; i++)
            {
                producer.Produce(First, new Message<string, string> { Value = Payload.Value(0, (round * 500) + i) }, report => Collect(reports, report));
            }

            Assert.True(await Until.ItIsAsync(() => Count(reports) > round * 500, LongEnough));
            await RestartAsync();
        }

        Assert.Equal(0, await OwnThread.RunAsync(() => producer.Flush(LongEnough)));
        Assert.All(reports, report => Assert.Equal(PersistenceStatus.Persisted, report.Status));
        var read = await TopicReader.ReadAsync(_launch.BootstrapServers, First.Topic, partitions: 1);
        Assert.Equal(Enumerable.Range(0, Rounds * 500).Select(sequence => Payload.Id(0, sequence)), read.Select(record => record.Value));
        Assert.All(reports.Where(report => report.Offset != Offset.Unset), report =>
            Assert.Equal(Payload.IdOf(report.Value), read[(int)report.Offset.Value].Value));
    }

    [Fact]
    public async Task A_group_whose_broker_dies_in_a_rebalance_finishes_it_with_the_next_one()
    {
        using (var producer = Producer())
        {
            for (var partition = 0; partition < 4; partition++)
            {
                await producer.ProduceAsync(new TopicPartition(First.Topic, new Partition(partition)), new Message<string, string> { Value = Payload.Value(0, partition) });
            }
        }

        await using var first = Member("first");
        Assert.True(await Until.ItIsAsync(() => Owned(first) == 4, LongEnough), Told(first));
        first.Stall();
        await using var second = Member("second");
        await RebalancingAsync();
        await RestartAsync();
        first.Resume();
        Assert.True(await Until.ItIsAsync(() => Owned(first) == 2 && Owned(second) == 2, LongEnough), Told(first, second));
    }

    private IProducer<string, string> Producer() => new ProducerBuilder<string, string>(new ProducerConfig
    {
        BootstrapServers = _launch.BootstrapServers,
        EnableIdempotence = true,
        Acks = Acks.All,
        LingerMs = 0,
        BatchNumMessages = 10,
        ReconnectBackoffMaxMs = 500,
    }).SetLogHandler((_, _) => { }).Build();

    private MemberHere Member(string name) =>
        new(new MemberSettings(_launch.BootstrapServers, "rebalanced", name, [First.Topic], PartitionAssignmentStrategy.Range)
        {
            // Nobody is to be out for being slow: what the rebalance waits for is the member that stalls.
            MaxPollIntervalMs = 600_000,
            SessionTimeoutMs = 120_000,
        });

    /// <summary>The barrier of the group is open: it waits for the member that does not poll.</summary>
    private async Task RebalancingAsync()
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = _launch.BootstrapServers }).Build();
        var state = ConsumerGroupState.Unknown;
        using var patience = new CancellationTokenSource(LongEnough);
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (state != ConsumerGroupState.PreparingRebalance)
        {
            Assert.False(patience.IsCancellationRequested, $"the group is {state}");
            await pace.WaitForNextTickAsync();
            var described = await admin.DescribeConsumerGroupsAsync(["rebalanced"]);
            state = described.ConsumerGroupDescriptions[0].State;
        }
    }

    private async Task RestartAsync()
    {
        await _silo!.KillAsync();
        await _silo.DisposeAsync();
        _silo = await SiloProcess.StartAsync(_launch);
    }

    private static int Owned(MemberHere member)
    {
        var owned = new HashSet<int>();
        foreach (var happened in member.Events)
        {
            _ = happened.Kind switch
            {
                GroupEventKind.Assigned => owned.Add(happened.Partition),
                GroupEventKind.Revoked or GroupEventKind.Lost => owned.Remove(happened.Partition),
                _ => false,
            };
        }

        return owned.Count;
    }

    private static string Told(params MemberHere[] members) =>
        string.Join('\n', members.SelectMany(member => member.Events.Select(happened => happened.ToLine()).Concat(member.Complaints)));

    private static void Collect(List<DeliveryReport<string, string>> reports, DeliveryReport<string, string> report)
    {
        lock (reports)
        {
            reports.Add(report);
        }
    }

    private static int Count(List<DeliveryReport<string, string>> reports)
    {
        lock (reports)
        {
            return reports.Count;
        }
    }
}
