using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using OrleansLog.Kafka.Network.Sockets;
using OrleansLog.TestKit;

namespace OrleansLog.Kafka.Tests.Network;

/// <summary>What the listener wants of a client's socket, of both kinds.</summary>
public sealed class ClientSocketTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly EventLoop? _loop = KafkaBroker.UsesEventLoops ? new EventLoop("test-loop") : null;

    public void Dispose() => _loop?.Dispose();

    [Fact]
    public async Task What_comes_in_pieces_of_any_size_is_received_whole_and_in_order()
    {
        var (socket, peer) = await ConnectAsync();
        using (socket)
        using (peer)
        {
            var random = new Random(1);
            var bytes = new byte[3_000_000];
            random.NextBytes(bytes);
            var sending = OwnThread.RunAsync(() =>
            {
                for (var at = 0; at < bytes.Length;)
                    at += peer.Send(bytes.AsSpan(at, Math.Min(bytes.Length - at, random.Next(1, 40_000))));

                peer.Shutdown(SocketShutdown.Send);
                return true;
            });
            var rooms = new Random(2);
            var received = new List<byte>(bytes.Length);
            var room = new byte[70_000];
            while (true)
            {
                if (rooms.Next(3) == 0)
                    Assert.Equal(0, await socket.ReceiveAsync(Memory<byte>.Empty).AsTask().WaitAsync(Patience));

                var count = await socket.ReceiveAsync(room.AsMemory(0, rooms.Next(1, room.Length))).AsTask().WaitAsync(Patience);
                if (count == 0)
                    break;

                received.AddRange(room.AsSpan(0, count));
            }

            Assert.Equal(SHA256.HashData(bytes), SHA256.HashData(received.ToArray()));
            Assert.Equal(0, await socket.ReceiveAsync(room).AsTask().WaitAsync(Patience));
            await sending;
            await KafkaBroker.UntilAsync(() => socket.HasPeerLeft || !OperatingSystem.IsLinux());
        }
    }

    [Fact]
    public async Task What_is_sent_to_a_slow_reader_arrives_whole_and_in_order_and_the_list_is_empty_then()
    {
        var (socket, peer) = await ConnectAsync();
        using (socket)
        using (peer)
        {
            var random = new Random(3);
            var bytes = new byte[20_000_000];
            random.NextBytes(bytes);
            var reading = OwnThread.RunAsync(() =>
            {
                var all = new byte[bytes.Length];
                for (var at = 0; at < all.Length;)
                {
                    var count = peer.Receive(all.AsSpan(at, Math.Min(all.Length - at, 50_000)));
                    Assert.NotEqual(0, count);
                    at += count;
                }

                return SHA256.HashData(all);
            });
            var pieces = new List<ArraySegment<byte>>();
            for (var at = 0; at < bytes.Length;)
            {
                pieces.Clear();
                for (var n = random.Next(1, 200); n > 0 && at < bytes.Length; n--)
                {
                    var count = Math.Min(bytes.Length - at, random.Next(1, 20_000));
                    pieces.Add(new ArraySegment<byte>(bytes, at, count));
                    at += count;
                }

                await socket.SendAsync(pieces).AsTask().WaitAsync(Patience);
                Assert.Empty(pieces);
            }

            Assert.Equal(SHA256.HashData(bytes), await reading);
        }
    }

    [Fact]
    public async Task Closing_ends_what_waits()
    {
        var (socket, peer) = await ConnectAsync();
        using (peer)
        {
            var receiving = socket.ReceiveAsync(new byte[1]).AsTask();
            var sending = socket.SendAsync([new ArraySegment<byte>(new byte[64_000_000])]).AsTask();
            Assert.False(receiving.IsCompleted);
            Assert.False(sending.IsCompleted);
            socket.Dispose();
            AssertEnded(await Record.ExceptionAsync(() => receiving.WaitAsync(Patience)));
            AssertEnded(await Record.ExceptionAsync(() => sending.WaitAsync(Patience)));
            AssertEnded(await Record.ExceptionAsync(() => socket.ReceiveAsync(new byte[1]).AsTask().WaitAsync(Patience)));
            AssertEnded(await Record.ExceptionAsync(() => socket.SendAsync([new ArraySegment<byte>(new byte[1])]).AsTask().WaitAsync(Patience)));
            socket.Dispose();
        }
    }

    [Fact]
    public async Task A_reset_ends_what_waits()
    {
        var (socket, peer) = await ConnectAsync();
        using (socket)
        {
            var receiving = socket.ReceiveAsync(new byte[1]).AsTask();
            peer.LingerState = new LingerOption(true, 0);
            peer.Dispose();
            Assert.IsType<SocketException>(await Record.ExceptionAsync(() => receiving.WaitAsync(Patience)));
        }
    }

    [Fact]
    public async Task Ending_the_receiving_side_ends_a_wait_without_bytes()
    {
        var (socket, peer) = await ConnectAsync();
        using (socket)
        using (peer)
        {
            var receiving = socket.ReceiveAsync(Memory<byte>.Empty).AsTask();
            socket.Shutdown(SocketShutdown.Receive);
            await receiving.WaitAsync(Patience);
            Assert.Equal(0, await socket.ReceiveAsync(new byte[1]).AsTask().WaitAsync(Patience));
        }
    }

    [Fact]
    public async Task Sockets_of_a_loop_that_has_ended_still_end()
    {
        if (_loop is null)
            return;

        var (socket, peer) = await ConnectAsync();
        using (peer)
        {
            var receiving = socket.ReceiveAsync(new byte[1]).AsTask();
            _loop.Dispose();
            socket.Dispose();
            AssertEnded(await Record.ExceptionAsync(() => receiving.WaitAsync(Patience)));
        }
    }

    [Fact]
    public async Task One_that_always_has_more_to_receive_leaves_the_others_of_its_loop_their_turn()
    {
        if (_loop is null)
            return;

        var (greedy, sender) = await ConnectAsync();
        var (modest, other) = await ConnectAsync();
        using (greedy)
        using (sender)
        using (modest)
        using (other)
        {
            const int Bytes = 10_000;
            sender.Send(new byte[Bytes]);
            Assert.Equal(0, await greedy.ReceiveAsync(Memory<byte>.Empty).AsTask().WaitAsync(Patience));
            var waiting = modest.ReceiveAsync(new byte[1]).AsTask();
            var count = 0;
            var countThen = waiting.ContinueWith(_ => count, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            var reading = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
            _loop.Post(new Item(() =>
            {
                other.Send(new byte[1]);
                reading.SetResult(ReadOneByOneAsync());
            }));
            await (await reading.Task).WaitAsync(Patience);
            Assert.Equal(Bytes, count);
            Assert.InRange(await countThen.WaitAsync(Patience), 0, Bytes - 1);

            async Task ReadOneByOneAsync()
            {
                var room = new byte[1];
                while (count < Bytes)
                    count += await greedy.ReceiveAsync(room).ConfigureAwait(false);
            }
        }
    }

    private static void AssertEnded(Exception? error) => Assert.True(error is ObjectDisposedException or SocketException, $"{error}");

    private async Task<(ClientSocket Socket, Socket Peer)> ConnectAsync()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await peer.ConnectAsync(listener.LocalEndPoint!);
        var accepted = await listener.AcceptAsync();
        return (_loop is null ? new RuntimeSocket(accepted) : new LoopSocket(accepted, _loop), peer);
    }

    private sealed class Item(Action execute) : IThreadPoolWorkItem
    {
        public void Execute() => execute();
    }
}
