using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansLog.TestKit;

namespace OrleansLog.Client.Tests;

/// <summary>A host with a consumer, over the socket of a real broker.</summary>
public sealed class HostedConsumerBrokerTests(SiloFixture silo) : BrokerGroupTest(silo)
{
    private readonly ConcurrentQueue<(string Key, string Value)> _handled = new();
    private readonly ConcurrentDictionary<string, int> _attempts = new();
    private readonly LogLines _log = new(LogLevel.Information);
    private TaskCompletionSource _mayEnd = Done();

    [Fact]
    public async Task Keys_keep_their_order_failures_are_buried_and_the_next_host_goes_on()
    {
        var log = Silo.Client(Form.Kafka);
        await log.Admin.CreateTopicAsync(Topic, 3);
        await WriteAsync(log, 0, 200, bad: 57);
        using (var host = Build())
        {
            await host.StartAsync();
            await Until(host, () => _handled.Distinct().Count() >= 199);
            await host.StopAsync();
        }

        foreach (var key in _handled.GroupBy(static record => record.Key))
            Assert.Equal(key.Select(static record => int.Parse(record.Value[1..])).Order(), key.Select(static record => int.Parse(record.Value[1..])));
        Assert.Equal(2, _attempts["!57"]);
        Assert.Equal(0, (await log.Admin.DescribeGroupAsync(Group)).TotalLag);
        Assert.Equal("Empty", (await log.Admin.DescribeGroupAsync(Group)).Group.State);

        await using var graves = log.CreateConsumer<string, string>();
        await graves.AssignTopicAsync($"{Topic}-dead", StartAt.Beginning);
        using var limit = new CancellationTokenSource(Patience);
        var buried = new List<ConsumeResult<string, string>>();
        await foreach (var record in graves.ReadToEndAsync(limit.Token))
            buried.Add(record);
        Assert.Equal("!57", Assert.Single(buried).Value);
        Assert.Contains(buried[0].Headers.ToArray(), header => Encoding.UTF8.GetString(header.Value.Span) == Topic);

        await WriteAsync(log, 200, 50, bad: -1);
        using (var host = Build())
        {
            await host.StartAsync();
            await Until(host, () => _handled.Distinct().Count() >= 249);
            await host.StopAsync();
        }

        Assert.Equal(249, _handled.Distinct().Count());
    }

    [Fact]
    public async Task A_host_that_stops_after_its_broker_ends_what_it_works_on_and_the_next_one_handles_that_again()
    {
        using var data = new TempDirectory("hosted");
        using var port = new ReservedPort();
        var address = port.Address;
        var broker = await TestSilo.StartAsync(data.Path, port.Number, _log);
        try
        {
            await using (var log = await LogClient.ConnectAsync(address))
            {
                await log.Admin.CreateTopicAsync(Topic, 1);
                await WriteAsync(log, 0, 2, bad: -1);
            }

            var mayEnd = _mayEnd = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using (var host = Build(address, sessionMs: 6_000)) // Which its successor has to wait for.
            {
                await host.StartAsync();
                await Until(host, () => _attempts.Count >= 2);
                await broker.DisposeAsync();
                var stopping = host.StopAsync();
                Assert.False(stopping.IsCompleted);
                mayEnd.SetResult();
                var watch = Stopwatch.StartNew();
                await stopping.WaitAsync(Patience);
                Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(15));
            }

            // Handled, and not committed: nobody was there to take it.
            Assert.Equal(2, _handled.Count);
            broker = await TestSilo.StartAsync(data.Path, port.Number, _log);
            using (var host = Build(address))
            {
                await host.StartAsync();
                await Until(host, () => _handled.Count >= 4);
                await host.StopAsync();
            }

            Assert.Equal(2, _handled.Distinct().Count());
            await using var again = await LogClient.ConnectAsync(address);
            Assert.Equal(0, (await again.Admin.DescribeGroupAsync(Group)).TotalLag);
        }
        finally
        {
            await broker.DisposeAsync();
        }
    }

    /// <summary>Waits until it is so. A consumer that has failed handles nothing any more; where it only waits, what the host and the broker logged tells why.</summary>
    private Task Until(IHost host, Func<bool> condition)
    {
        var consumer = host.Services.GetServices<IHostedConsumer>().Single();
        return Until(
            () => consumer.Failure is { } failure && !condition() ? Task.FromException<bool>(failure) : Task.FromResult(condition()),
            () => $"Attempts: {string.Join(", ", _attempts)}. Handled: {string.Join(", ", _handled)}.\n{string.Join('\n', _log.All.TakeLast(200))}");
    }

    private async Task WriteAsync(ILogClient log, int from, int count, int bad)
    {
        await using var producer = log.CreateProducer<string, string>();
        var written = Enumerable.Range(from, count).Select(i => producer.ProduceAsync(Topic, $"k{i % 7}", i == bad ? $"!{i}" : $"v{i}").AsTask()).ToArray();
        await Task.WhenAll(written).WaitAsync(Patience);
    }

    private IHost Build(string? address = null, int sessionMs = 60_000)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddProvider(_log);
        builder.Services.AddOrleansLogClient(options => options.BootstrapServers = [address ?? Silo.Address]);
        builder.Services.AddSingleton(this);
        builder.Services.AddOrleansLogConsumer<string, string, Handler>(options =>
        {
            options.Topics = Subscription.To(Topic);
            options.Group.GroupId = Group;
            options.Consumer.AutoOffsetReset = AutoOffsetReset.Earliest;
            options.Group.SessionTimeoutMs = sessionMs;
            options.Group.HeartbeatIntervalMs = 500;
            options.Group.CloseTimeoutMs = 2_000;
            options.MaxAttempts = 2;
            options.RetryBackoffMs = 5;
            options.DeadLetterTopic = $"{Topic}-dead";
        });
        return builder.Build();
    }

    private static TaskCompletionSource Done()
    {
        var done = new TaskCompletionSource();
        done.SetResult();
        return done;
    }

    internal sealed class Handler(HostedConsumerBrokerTests test) : IRecordHandler<string, string>
    {
        public async ValueTask HandleAsync(ConsumeResult<string, string> record, CancellationToken cancellationToken)
        {
            test._attempts.AddOrUpdate(record.Value, 1, static (_, n) => n + 1);
            await test._mayEnd.Task;
            await Task.Yield();
            if (record.Value[0] == '!')
                throw new InvalidDataException("bad record");
            test._handled.Enqueue((record.Key, record.Value));
        }
    }
}
