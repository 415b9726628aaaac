using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace OrleansLog.Client.Tests;

public sealed class HostedConsumerTests : GroupTest
{
    private readonly ConcurrentQueue<ConsumeResult<string, string>> _handled = new();

    private Func<ConsumeResult<string, string>, CancellationToken, Task> Work { get; set; } = static (_, _) => Task.CompletedTask;

    [Fact]
    public async Task Records_are_handled_and_committed_and_the_service_leaves_when_the_host_stops()
    {
        Fill(partitions: 3, recordsEach: 20);
        var service = await StartAsync();
        await PassTimeUntil(() => _handled.Count >= 60 && Enumerable.Range(0, 3).All(i => Coordinator.Committed(Group, new TopicPartition("t", i)) == 20));
        Cluster.Append(T0, "last");
        await PassTimeUntil(() => _handled.Count >= 61);
        await StopAsync(service);
        Assert.Equal(61, _handled.Count);
        Assert.Equal(21, Coordinator.Committed(Group, T0));
        Assert.Single(Coordinator.Leaves);
        Assert.False(service.IsRunning);
    }

    [Fact]
    public async Task Only_the_unbroken_run_is_committed()
    {
        Fill(partitions: 1, recordsEach: 5);
        var second = new TaskCompletionSource();
        Work = (record, _) => record.Offset == 1 ? second.Task : Task.CompletedTask;
        var service = await StartAsync();
        await PassTimeUntil(() => _handled.Count >= 4);
        Assert.Equal(4, _handled.Count);
        await PassTimeUntil(() => Coordinator.Committed(Group, T0) == 1);
        await PassTime(500);
        Assert.Equal(1, Coordinator.Committed(Group, T0));
        second.SetResult();
        await PassTimeUntil(() => Coordinator.Committed(Group, T0) == 5);
        await StopAsync(service);
        Assert.Equal([0, 1, 2, 3, 4], _handled.Select(static record => record.Offset).Order());
    }

    [Fact]
    public async Task Reading_pauses_at_the_bound_and_the_member_stays()
    {
        Fill(partitions: 2, recordsEach: 50);
        var gate = new TaskCompletionSource();
        var begun = 0;
        Work = (_, _) =>
        {
            Interlocked.Increment(ref begun);
            return gate.Task;
        };
        var service = await StartAsync(options =>
        {
            options.MaxConcurrency = 100;
            options.MaxInFlight = 8;
        });
        await PassTimeUntil(() => service.RecordsInFlight >= 8);
        await PassTime(8_000);
        Assert.Equal(8, service.RecordsInFlight);
        Assert.True(begun <= 8);
        Assert.True(Coordinator.IsStable(Group, 1));
        Assert.Empty(Coordinator.Leaves);
        gate.SetResult();
        await PassTimeUntil(() => _handled.Count >= 100);
        await StopAsync(service);
        Assert.Equal(100, _handled.Count);
    }

    [Fact]
    public async Task A_handler_that_throws_is_called_again_after_growing_waits()
    {
        Fill(partitions: 1, recordsEach: 1);
        var attempts = new ConcurrentQueue<DateTimeOffset>();
        Work = (_, _) =>
        {
            attempts.Enqueue(Time.GetUtcNow());
            return attempts.Count < 4 ? throw new InvalidDataException("not yet") : Task.CompletedTask;
        };
        var service = await StartAsync(static options => options.RetryBackoffMs = 100);
        await PassTimeUntil(() => !_handled.IsEmpty);
        Assert.Single(_handled);
        var waits = attempts.Zip(attempts.Skip(1), static (a, b) => (b - a).TotalMilliseconds).ToArray();
        Assert.Equal(3, waits.Length);
        Assert.True(waits[0] >= 80 && waits[1] >= 160 && waits[2] >= 320, string.Join(", ", waits));
        await StopAsync(service);
    }

    [Fact]
    public async Task A_record_that_cannot_be_handled_goes_to_the_dead_letter_topic_byte_for_byte()
    {
        Cluster.AddTopic("dead");
        await using var producer = Grouped.CreateProducer<string, byte[]>();
        OrleansLog.Protocol.Records.RecordHeader[] headers = [new("own", "x"u8.ToArray())];
        await PassTimeUntil(producer.ProduceAsync(new ProducerRecord<string, byte[]>("t", "k", [1, 255]) { Headers = headers }).AsTask());
        await PassTimeUntil(producer.ProduceAsync("t", "k", "good"u8.ToArray()).AsTask());
        Work = static (record, _) => record.Offset == 0 ? throw new InvalidDataException("bad record") : Task.CompletedTask;
        var service = await StartAsync(static options =>
        {
            options.DeadLetterTopic = "dead";
            options.MaxAttempts = 2;
        });
        await PassTimeUntil(() => Coordinator.Committed(Group, T0) == 2);
        Assert.Equal("good", Assert.Single(_handled).Value);
        await StopAsync(service);
        await using var consumer = Grouped.CreateConsumer<string, byte[]>(FromTheStart);
        consumer.Assign(new TopicPartition("dead", 0), StartAt.Beginning);
        var buried = await ReadOne(consumer);
        Assert.Equal("k", buried.Key);
        Assert.Equal(new byte[] { 1, 255 }, buried.Value);
        var told = buried.Headers.ToArray().ToDictionary(static header => header.Key, static header => Encoding.UTF8.GetString(header.Value.Span));
        Assert.Equal("x", told["own"]);
        Assert.Equal(("t", "0", "0", Group), (told[DeadLetterHeaders.Topic], told[DeadLetterHeaders.Partition], told[DeadLetterHeaders.Offset], told[DeadLetterHeaders.Group]));
        Assert.Equal(("bad record", "2"), (told[DeadLetterHeaders.ErrorMessage], told[DeadLetterHeaders.Attempts]));
        Assert.Equal("System.IO.InvalidDataException", told[DeadLetterHeaders.ErrorType]);
    }

    [Fact]
    public async Task What_cannot_be_deserialized_is_given_up_at_once()
    {
        Cluster.AddTopic("dead");
        Cluster.Append(T0, "no number");
        var service = await StartAsync(static options => options.DeadLetterTopic = "dead", new NumbersOnly());
        await PassTimeUntil(() => Coordinator.Committed(Group, T0) == 1);
        Assert.Empty(_handled);
        Assert.Equal(1, Cluster[new TopicPartition("dead", 0)].End);
        await StopAsync(service);
    }

    [Fact]
    public async Task Without_a_dead_letter_topic_a_record_that_fails_ends_the_service_and_nothing_overtakes_it()
    {
        Fill(partitions: 1, recordsEach: 3);
        Work = static (record, _) => record.Offset == 1 ? throw new InvalidDataException("bad record") : Task.CompletedTask;
        var service = await StartAsync(static options =>
        {
            options.MaxAttempts = 1;
            options.Order = RecordOrder.Partition;
        });
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => PassTimeUntil(service.ExecuteTask!));
        Assert.IsType<InvalidDataException>(error.InnerException);
        Assert.Equal(1, Coordinator.Committed(Group, T0));
        Assert.Equal(0, Assert.Single(_handled).Offset);
        Assert.Same(error, service.Failure);
        var health = await new HostedConsumerHealthCheck([service]).CheckHealthAsync(new HealthCheckContext
        {
            Registration = new HealthCheckRegistration("consumers", static _ => null!, HealthStatus.Unhealthy, null),
        });
        Assert.Equal(HealthStatus.Unhealthy, health.Status);
        Assert.Single(Coordinator.Leaves);
    }

    [Fact]
    public async Task A_host_that_stops_waits_for_what_is_handled_but_not_for_ever()
    {
        Fill(partitions: 1, recordsEach: 3);
        var first = new TaskCompletionSource();
        Work = (record, _) => record.Offset == 0 ? first.Task : record.Offset == 2 ? Task.Delay(Timeout.Infinite, CancellationToken.None) : Task.CompletedTask;
        var service = await StartAsync(static options => options.DrainTimeoutMs = 1_000);
        await PassTimeUntil(() => !_handled.IsEmpty);
        Assert.Equal(1, Assert.Single(_handled).Offset);
        var stopping = service.StopAsync(CancellationToken.None);
        await PassTime(200);
        Assert.False(stopping.IsCompleted);
        first.SetResult();
        await PassTimeUntil(stopping);
        Assert.Equal(2, Coordinator.Committed(Group, T0));
        Assert.Single(Coordinator.Leaves);
    }

    [Fact]
    public async Task Partitions_that_go_are_handled_to_the_end_of_what_was_begun()
    {
        Fill(partitions: 2, recordsEach: 1);
        var gate = new TaskCompletionSource();
        Work = (_, _) => gate.Task;
        var service = await StartAsync();
        await PassTimeUntil(() => service.RecordsInFlight >= 2);
        Assert.Equal(2, service.RecordsInFlight);
        await using var other = Join();
        await PassTime(500);
        Assert.Empty(other.Read);
        gate.SetResult();
        await PassTimeUntil(() => other.Assignment.Length == 1);
        await PassTime(300);
        Assert.Empty(other.Read);
        Assert.Equal(2, _handled.Count);
        await StopAsync(service);
    }

    [Fact]
    public async Task A_stop_that_meets_a_commit_under_way_commits_what_was_handled()
    {
        Fill(partitions: 1, recordsEach: 5);
        var way = new SwitchableCoordinator(Coordinator);
        await using var client = LogClient.Create(Cluster, Cluster, Time, groupTransport: way);
        var first = new TaskCompletionSource();
        Work = (record, _) => record.Offset == 0 ? first.Task : Task.CompletedTask;
        var service = await StartAsync(WithoutHeartbeats, client: client);
        await PassTimeUntil(() => _handled.Count >= 4);
        way.IsDown = true;
        first.SetResult();
        await PassTimeUntil(() => way.Hanging == 1); // The commit of all five, which gets no answer.
        way.IsDown = false;
        await StopAsync(service);
        Assert.Equal(5, Coordinator.Committed(Group, T0));
    }

    [Fact]
    public async Task A_commit_that_throws_is_made_again()
    {
        Fill(partitions: 1, recordsEach: 5);
        var way = new SwitchableCoordinator(Coordinator) { CommitsToFail = 2 };
        await using var client = LogClient.Create(Cluster, Cluster, Time, groupTransport: way);
        var service = await StartAsync(client: client);
        await PassTimeUntil(() => Coordinator.Committed(Group, T0) == 5);
        await StopAsync(service);
    }

    // The way to the coordinator can be down for a while, and nothing but commits goes over it.
    private static void WithoutHeartbeats(HostedConsumerOptions options)
    {
        options.Group.HeartbeatIntervalMs = 100_000;
        options.Group.SessionTimeoutMs = 300_000;
        options.Group.MaxPollIntervalMs = 300_000;
    }

    private async Task<HostedConsumer<string, string, Handler>> StartAsync(
        Action<HostedConsumerOptions>? configure = null, IDeserializer<string>? values = null, ILogClient? client = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton(client ?? Grouped);
        services.AddSingleton(this);
        services.AddOrleansLogConsumer<string, string, Handler>(
            options =>
            {
                options.Topics = Subscription.To("t");
                options.Group.GroupId = Group;
                options.Group.HeartbeatIntervalMs = 50;
                options.Group.SessionTimeoutMs = 1_000;
                options.Group.MaxPollIntervalMs = 5_000;
                options.Group.AutoCommitIntervalMs = 100;
                options.Consumer.AutoOffsetReset = AutoOffsetReset.Earliest;
                options.Consumer.FetchMaxWaitMs = 50;
                configure?.Invoke(options);
            },
            valueDeserializer: values);
        var service = (HostedConsumer<string, string, Handler>)services.BuildServiceProvider().GetServices<IHostedService>().Single();
        await service.StartAsync(CancellationToken.None);
        Watch(service.ExecuteTask!);
        return service;
    }

    private async Task StopAsync(HostedConsumer<string, string, Handler> service)
    {
        await PassTimeUntil(service.StopAsync(CancellationToken.None));
        Assert.Null(service.Failure);
    }

    internal sealed class Handler(HostedConsumerTests test) : IRecordHandler<string, string>
    {
        public async ValueTask HandleAsync(ConsumeResult<string, string> record, CancellationToken cancellationToken)
        {
            await test.Work(record, cancellationToken);
            test._handled.Enqueue(record);
        }
    }

    private sealed class NumbersOnly : IDeserializer<string>
    {
        public string Deserialize(ReadOnlySpan<byte> data, bool isNull) => throw new FormatException("no number");
    }
}
