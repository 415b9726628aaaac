using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using OrleansLog.Client;

namespace OrleansLog.Bench;

/// <summary>How soon three brokers that start together take a record, and how soon one that was away has what it missed.</summary>
internal sealed class ClusterReturnRows(string published, Scale scale, int pairs)
{
    private const string Topic = "missed";
    private const int Partitions = 3;
    private const int RecordBytes = 16 * 1024;
    private const int BatchBytes = 1_000_000;
    private const int CopyBytes = 1 << 20;
    private const double LiveBytesPerSecond = 10e6;

    /// <summary>How soon three that start together take a record.</summary>
    public async IAsyncEnumerable<BenchRow> StartAsync()
    {
        var starts = new List<double>();
        for (var i = 0; i < pairs; i++)
        {
            await using var cluster = await ClusterUnderTest.StartAsync(published);
            await cluster.CreateTopicAsync("first", Partitions, 3);
            await using var producer = cluster.Client.CreateProducer<Unit, byte[]>(new ProducerOptions { Acks = Acks.All, LingerMs = 0 });
            await producer.ProduceAsync("first", default, new byte[100]);
            starts.Add(Stopwatch.GetElapsedTime(cluster.StartedAt).TotalMilliseconds);
        }

        yield return new BenchRow(
            "three brokers started together, to the first acknowledged write of 3 replicas, median", "ms", Paired.Median([.. starts]), double.NaN, double.NaN, "under 4,000", $"worst of {starts.Count}: {starts.Max():N0}");
    }

    /// <summary>How soon one that was away has what it missed.</summary>
    public async IAsyncEnumerable<BenchRow> CatchUpAsync()
    {
        var bytes = (long)scale.Of(64 * 1024) * RecordBytes;
        var caught = await Paired.RunAsync(pairs, () => CatchUpAsync(bytes), () => CopyAsync(bytes));
        yield return new BenchRow(
            $"catch-up of a follower {bytes / 1e6:N0} MB behind, with 10 MB/s produced beside it", "MB/s", caught.Ours, caught.Reference, caught.Ratio, "0.4", "file to socket to file, bare");
    }

    /// <summary>From the moment when a broker that was away is of the cluster again until every replica is in sync, in MB/s of what it had missed.</summary>
    private async Task<double> CatchUpAsync(long bytes)
    {
        const int Away = 3;
        await using var cluster = await ClusterUnderTest.StartAsync(published);
        await cluster.CreateTopicAsync(Topic, Partitions, 3);
        await using var producer = cluster.Client.CreateProducer<Unit, byte[]>(new ProducerOptions { Acks = Acks.All, LingerMs = 5, BatchBytes = BatchBytes });
        await producer.ProduceAsync(Topic, default, new byte[RecordBytes]);
        await cluster.KillAsync(Away);
        var value = new byte[RecordBytes];
        new Random(1).NextBytes(value);
        for (long sent = 0; sent < bytes; sent += RecordBytes)
            await producer.Produce(Topic, default, value, static (in DeliveryReport _) => { });

        await producer.FlushAsync();
        using var isWhole = new CancellationTokenSource();
        var live = Task.Run(() => ProduceLiveAsync(producer, value, isWhole.Token));
        var began = Stopwatch.GetTimestamp();
        await cluster.BeginAgainAsync(Away);
        await cluster.UnfencedAsync(Away);
        var clock = Stopwatch.StartNew();
        Console.Error.WriteLine($"    back in the cluster after {Stopwatch.GetElapsedTime(began).TotalMilliseconds:0} ms");
        await cluster.WholeAsync(Topic);
        clock.Stop();
        await isWhole.CancelAsync();
        await live;
        return bytes / 1e6 / clock.Elapsed.TotalSeconds;
    }

    private static async Task ProduceLiveAsync(ILogProducer<Unit, byte[]> producer, byte[] value, CancellationToken isWhole)
    {
        var clock = Stopwatch.StartNew();
        for (long sent = 0; !isWhole.IsCancellationRequested; sent += RecordBytes)
        {
            while (clock.Elapsed.TotalSeconds * LiveBytesPerSecond < sent)
                await Task.Delay(1, CancellationToken.None);

            await producer.Produce(Topic, default, value, static (in DeliveryReport _) => { }, cancellationToken: CancellationToken.None);
        }

        await producer.FlushAsync(CancellationToken.None);
    }

    /// <summary>The same bytes from one file to another one through a socket, by two threads and nothing else.</summary>
    private static async Task<double> CopyAsync(long bytes)
    {
        var folder = Directory.CreateTempSubdirectory("olog-bench-copy-").FullName;
        try
        {
            using var source = File.OpenHandle(Path.Combine(folder, "from"), FileMode.Create, FileAccess.ReadWrite);
            using var target = File.OpenHandle(Path.Combine(folder, "to"), FileMode.Create, FileAccess.ReadWrite);
            var block = new byte[CopyBytes];
            new Random(1).NextBytes(block);
            for (long at = 0; at < bytes; at += block.Length)
                RandomAccess.Write(source, block, at);

            using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            listener.Listen();
            using var sender = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await sender.ConnectAsync(listener.LocalEndPoint!);
            using var receiver = await listener.AcceptAsync();
            var clock = Stopwatch.StartNew();
            var sending = Task.Factory.StartNew(
                () =>
                {
                    var buffer = new byte[CopyBytes];
                    for (long at = 0; at < bytes;)
                    {
                        var read = RandomAccess.Read(source, buffer.AsSpan(0, (int)Math.Min(buffer.Length, bytes - at)), at);
                        for (var done = 0; done < read;)
                            done += sender.Send(buffer.AsSpan(done, read - done));

                        at += read;
                    }
                },
                TaskCreationOptions.LongRunning);
            var received = new byte[CopyBytes];
            for (long at = 0; at < bytes;)
            {
                var count = receiver.Receive(received);
                RandomAccess.Write(target, received.AsSpan(0, count), at);
                at += count;
            }

            await sending;
            return bytes / 1e6 / clock.Elapsed.TotalSeconds;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
