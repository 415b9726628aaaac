using System.Net;
using System.Net.Sockets;

namespace OrleansLog.Client.Tests;

/// <summary>What the other tests take for granted about their clock and their fakes.</summary>
public sealed class FakesTests : ClientTest
{
    [Fact]
    public async Task Time_stands_still_while_somebody_works()
    {
        var work = Task.Run(async () =>
        {
            var begun = Time.GetTimestamp();
            for (var hop = 0; hop < 2_000; hop++)
            {
                await Task.Yield();
                Thread.SpinWait(1_000);
            }

            return Time.GetElapsedTime(begun);
        });
        Assert.Equal(TimeSpan.Zero, await PassTimeUntil(work));
    }

    [Fact]
    public async Task A_wait_ends_with_the_failure_of_what_it_waits_for()
    {
        Watch(Task.FromException(new InvalidDataException("It died.")));
        await Assert.ThrowsAsync<InvalidDataException>(() => PassTimeUntil(static () => false));
        Watch(Task.FromException(new InvalidDataException("It died.")));
        await Assert.ThrowsAsync<InvalidDataException>(() => Until(static () => false));
    }

    [Fact]
    public async Task A_fetch_bears_a_clock_that_goes_on_at_any_moment()
    {
        var cluster = new FakeCluster(new RestlessTime());
        cluster.AddTopic("t");
        for (var maxWaitMs = 1; maxWaitMs < 60; maxWaitMs++)
        {
            var request = new FetchRequest { Partitions = [new FetchPartition { Partition = T0, FetchOffset = 0, MaxBytes = 1_000 }], MaxWaitMs = maxWaitMs };
            using var result = await cluster.FetchAsync(request, default);
            Assert.True(result.Partitions[0].Records.IsEmpty);
        }
    }

    [Fact]
    public async Task A_broker_may_go_while_somebody_connects()
    {
        for (var round = 0; round < 200; round++)
        {
            var broker = new FakeKafkaBroker();
            var endPoint = new IPEndPoint(IPAddress.Loopback, broker.Port);
            using var first = await ConnectAsync(endPoint);
            var others = Enumerable.Range(0, 4).Select(_ => Task.Run(() => ConnectAsync(endPoint))).ToArray();
            await broker.DisposeAsync().AsTask().WaitAsync(Patience);
            foreach (var socket in await Task.WhenAll(others))
                await UntilClosedAsync(socket);
            await UntilClosedAsync(first);
        }
    }

    private static async Task<Socket?> ConnectAsync(IPEndPoint endPoint)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(endPoint);
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }

    private static async Task UntilClosedAsync(Socket? socket)
    {
        if (socket is null)
            return;
        using var closing = socket;
        try
        {
            // A connection that is made at the moment when the listener goes may hear of that only when it is used.
            await socket.SendAsync(new byte[1]);
            Assert.Equal(0, await socket.ReceiveAsync(new byte[1]).WaitAsync(Patience));
        }
        catch (SocketException)
        {
            // Reset, which is closed as well.
        }
    }

    /// <summary>A clock that goes on by 30 ms whenever somebody looks at it.</summary>
    private sealed class RestlessTime : TimeProvider
    {
        private long _looks;

        public override long TimestampFrequency => 1_000;

        public override long GetTimestamp() => Interlocked.Increment(ref _looks) * 30;
    }
}
