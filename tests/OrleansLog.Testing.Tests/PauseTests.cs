using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using OrleansLog.TestKit;
using static OrleansLog.Testing.Tests.KafkaClients;

namespace OrleansLog.Testing.Tests;

/// <summary>Brokers that are paused, one at a time and alone.</summary>
public class PauseTests
{
    [Fact]
    public async Task What_is_sent_to_a_paused_broker_is_answered_on_the_same_connection_when_it_is_resumed()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var other = await TestBroker.StartAsync();
        using var socket = await AskedAsync(broker);
        Assert.Equal(1, await AnswerAsync(socket));

        await broker.PauseAsync();
        Assert.True(broker is { IsPaused: true, IsRunning: true });
        await AskAsync(socket, 2);
        using var newcomer = await AskedAsync(broker);
        await ProduceAsync(other, "orders", "meanwhile");
        Assert.Equal(["meanwhile"], await ReadAsync(other, "orders", 1));
        Assert.Equal((0, 0), (socket.Available, newcomer.Available));

        await broker.ResumeAsync();
        Assert.True(broker is { IsPaused: false, IsRunning: true });
        Assert.Equal(2, await AnswerAsync(socket));
        Assert.Equal(1, await AnswerAsync(newcomer));
    }

    [Fact]
    public async Task A_stock_client_waits_for_a_paused_broker()
    {
        await using var broker = await TestBroker.StartAsync();
        using var producer = Producer(broker);
        await producer.ProduceAsync("orders", new Message<string, string> { Value = "before" });

        await broker.PauseAsync();
        var waiting = producer.ProduceAsync("orders", new Message<string, string> { Value = "while" });
        await using (await TestBroker.StartAsync())
            Assert.False(waiting.IsCompleted);

        Assert.Equal(1, await EndOffsetAsync(broker));
        await broker.ResumeAsync();
        await waiting;
        Assert.Equal(["before", "while"], await ReadAsync(broker, "orders", 2));
    }

    [Fact]
    public async Task What_was_in_work_when_the_pause_began_is_answered_after_it()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var inside = broker.CreateClient();
        await using var producer = inside.CreateProducer<string, string>();
        await producer.ProduceAsync("orders", "k", "one");
        using var consumer = new ConsumerBuilder<string, string>(new ConsumerConfig
        {
            BootstrapServers = broker.BootstrapServers,
            GroupId = "tests",
            FetchWaitMaxMs = 50_000,
        }).Build();
        consumer.Assign(new TopicPartitionOffset("orders", 0, Offset.Beginning));
        Assert.Equal("one", (await OwnThread.RunAsync(() => consumer.Consume(Patience))).Message.Value);
        var next = OwnThread.RunAsync(() => consumer.Consume(Patience));
        await using (await TestBroker.StartAsync())
            Assert.False(next.IsCompleted);

        // The consumer's next fetch waits at the broker by now; a client in the process gives it what it waits for.
        await broker.PauseAsync();
        await producer.ProduceAsync("orders", "k", "two");
        await using (await TestBroker.StartAsync())
            Assert.False(next.IsCompleted);

        await broker.ResumeAsync();
        Assert.Equal("two", (await next).Message.Value);
    }

    [Fact]
    public async Task A_paused_brokers_timers_wait_and_fire_once()
    {
        await using var broker = await TestBroker.StartAsync();
        var (fired, firedToo) = (new Counter(), new Counter());
        await broker.PauseAsync();
        var time = broker.Services.GetRequiredService<TimeProvider>();
        await using var often = time.CreateTimer(_ => fired.Add(), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(1));
        await using var gone = time.CreateTimer(_ => firedToo.Add(), null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        using (var meanwhile = new PeriodicTimer(TimeSpan.FromMilliseconds(300)))
            await meanwhile.WaitForNextTickAsync();

        Assert.Equal((0, 0), (fired.Count, firedToo.Count));
        often.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        await gone.DisposeAsync();
        await broker.ResumeAsync();

        // What was due some hundred times is done once; a few of the system's calls may have been under way when the timer was changed.
        await fired.First.WaitAsync(Patience);
        Assert.InRange(fired.Count, 1, 20);
        Assert.Equal(0, firedToo.Count);
    }

    [Fact]
    public async Task To_pause_a_paused_broker_and_to_resume_a_running_one_is_nothing()
    {
        await using var broker = await TestBroker.StartAsync();
        var services = broker.Services;
        await broker.ResumeAsync();
        await broker.PauseAsync();
        await broker.PauseAsync();
        Assert.Contains(nameof(TestBroker.ResumeAsync), (await Assert.ThrowsAsync<InvalidOperationException>(() => broker.StartAgainAsync())).Message, StringComparison.Ordinal);
        await broker.ResumeAsync();
        await broker.ResumeAsync();

        Assert.Same(services, broker.Services);
        await ProduceAsync(broker, "orders", "one");
        await broker.PauseAsync();
        await broker.ResumeAsync();
        Assert.Equal(["one"], await ReadAsync(broker, "orders", 1));
    }

    [Fact]
    public async Task A_stopped_broker_can_be_neither_paused_nor_resumed()
    {
        await using var broker = await TestBroker.StartAsync();
        await broker.StopAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(broker.PauseAsync);
        await Assert.ThrowsAsync<InvalidOperationException>(() => broker.ResumeAsync());
        Assert.False(broker.IsPaused);
    }

    [Theory]
    [InlineData("stop")]
    [InlineData("kill")]
    [InlineData("restart")]
    public async Task A_paused_broker_that_is_stopped_or_killed_ends_where_it_stands_and_comes_back_with_its_data(string end)
    {
        await using var broker = await TestBroker.StartAsync();
        await ProduceAsync(broker, "orders", "before");
        using var socket = await AskedAsync(broker);
        Assert.Equal(1, await AnswerAsync(socket));

        await broker.PauseAsync();
        await AskAsync(socket, 2);
        await (end switch { "stop" => broker.StopAsync(), "kill" => broker.KillAsync(), _ => broker.RestartAsync() });
        Assert.False(broker.IsPaused);
        Assert.Null(await AnswerAsync(socket));
        if (end != "restart")
        {
            Assert.False(broker.IsRunning);
            await broker.StartAgainAsync();
        }

        Assert.Equal(["before"], await ReadAsync(broker, "orders", 1));
    }

    [Fact]
    public async Task A_paused_broker_that_is_disposed_leaves_nothing_behind()
    {
        using var place = new TempDirectory("testing");
        var broker = await TestBroker.StartAsync(options => options.TempPath = place.Path);
        await ProduceAsync(broker, "orders", "one");
        await broker.PauseAsync();

        await broker.DisposeAsync();

        Assert.Empty(Directory.GetFileSystemEntries(place.Path));
    }

    private static async Task<long> EndOffsetAsync(TestBroker broker)
    {
        await using var inside = broker.CreateClient();
        return (await inside.Admin.ListOffsetsAsync([new ListOffsetsQuery(new("orders", 0), OffsetSpec.Latest)])).Single().Offset;
    }

    /// <summary>A connection on which something was asked.</summary>
    private static async Task<Socket> AskedAsync(TestBroker broker)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPEndPoint.Parse(broker.BootstrapServers));
        await AskAsync(socket, 1);
        return socket;
    }

    /// <summary>Asks for the versions of the APIs, in version 0 and under a number.</summary>
    private static async Task AskAsync(Socket socket, int number)
    {
        byte[] request = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 0, 255, 255];
        BinaryPrimitives.WriteInt32BigEndian(request.AsSpan(8), number);
        await socket.SendAsync(request);
    }

    /// <summary>The number of the request that is answered next; null where the connection ends.</summary>
    private static async Task<int?> AnswerAsync(Socket socket)
    {
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            if (await ReceiveAsync(socket, sizeof(int), limit.Token) is not { } length)
                return null;

            var answer = await ReceiveAsync(socket, BinaryPrimitives.ReadInt32BigEndian(length), limit.Token);
            return answer is null ? null : BinaryPrimitives.ReadInt32BigEndian(answer);
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private static async Task<byte[]?> ReceiveAsync(Socket socket, int length, CancellationToken cancellationToken)
    {
        var bytes = new byte[length];
        for (var at = 0; at < length;)
        {
            var received = await socket.ReceiveAsync(bytes.AsMemory(at), cancellationToken);
            if (received == 0)
                return null;

            at += received;
        }

        return bytes;
    }

    private sealed class Counter
    {
        private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public Task First => _first.Task;

        public void Add()
        {
            Interlocked.Increment(ref _count);
            _first.TrySetResult();
        }
    }
}
