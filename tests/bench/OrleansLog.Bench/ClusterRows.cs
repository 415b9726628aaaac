using System.Diagnostics;
using OrleansLog.Client;
using OrleansLog.TestKit.Processes;

namespace OrleansLog.Bench;

/// <summary>What copies cost, and how long nobody is served when a broker goes: three silos on this machine, with the SDK.</summary>
internal sealed class ClusterRows(string published, Scale scale, int pairs)
{
    private const int RecordBytes = 1024;
    private const int BatchBytes = 1_000_000;
    private const int Partitions = 3;

    /// <summary>What copies cost.</summary>
    public async IAsyncEnumerable<BenchRow> CopiesAsync()
    {
        await using var cluster = await ClusterUnderTest.StartAsync(published);
        await cluster.CreateTopicAsync("copied", Partitions, 3);
        await cluster.CreateTopicAsync("single", Partitions, 1);
        var records = scale.Of(256 * 1024);
        double copiedCpu = 0, singleCpu = 0;
        var produced = await Paired.RunAsync(
            pairs,
            async () =>
            {
                var (rate, cpu) = await ProduceAsync(cluster, "copied", Acks.All, records);
                copiedCpu = cpu;
                return rate;
            },
            async () =>
            {
                var (rate, cpu) = await ProduceAsync(cluster, "single", Acks.Leader, records);
                singleCpu = cpu;
                return rate;
            });
        yield return new BenchRow("acks=all, 3 replicas, 1 KiB records", "MB/s", produced.Ours, produced.Reference, produced.Ratio, "0.4", "acks=1, 1 replica, the same cluster");
        yield return new BenchRow("CPU of all three brokers for each GiB of that", "s", copiedCpu, singleCpu, copiedCpu / singleCpu, "reported", "the same; last pair");

        var all = await LatencyAsync(cluster, "copied", Acks.All);
        var one = await LatencyAsync(cluster, "single", Acks.Leader);
        yield return new BenchRow("acks=all, 3 replicas, at 1,000 records/s, median", "ms", all.Median, one.Median, all.Median / one.Median, "within 3", $"acks=1, 1 replica; 99th: {all.High:N2} and {one.High:N2}");

    }

    /// <summary>How long nobody is served.</summary>
    public async IAsyncEnumerable<BenchRow> FaultsAsync()
    {
        await using var cluster = await ClusterUnderTest.StartAsync(published);
        await cluster.CreateTopicAsync("copied", Partitions, 3);
        foreach (var (fault, onController) in new[] { ("kill -9", false), ("kill -9", true), ("clean stop", false), ("SIGSTOP", false), ("SIGSTOP", true) })
        {
            var tries = await Task.Run(() => FailAsync(cluster, fault, onController, scale.Of(fault == "SIGSTOP" ? 16 : 24)));
            yield return new BenchRow(
                $"{fault} of a leader{(onController ? " with the controller" : "")}, to the next acknowledged write, median", "ms", Paired.Median(tries), double.NaN, double.NaN,
                fault == "SIGSTOP" ? "under 3,000" : fault == "clean stop" ? "under 300" : onController ? "under 1,000" : "under 500", $"worst of {tries.Length}: {tries.Max():N0}");
        }
    }

    private static async Task<(double MbPerSecond, double CpuPerGiB)> ProduceAsync(ClusterUnderTest cluster, string topic, Acks acks, int records)
    {
        await using var producer = cluster.Client.CreateProducer<Unit, byte[]>(new ProducerOptions { Acks = acks, LingerMs = 5, BatchBytes = BatchBytes });
        var value = new byte[RecordBytes];
        new Random(1).NextBytes(value);
        await producer.ProduceAsync(topic, default, value);
        var failed = 0;
        DeliveryHandler handle = (in DeliveryReport report) =>
        {
            if (!report.IsStored)
                Interlocked.Increment(ref failed);
        };
        var cpu = cluster.CpuSeconds;
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < records; i++)
        {
            var accepted = producer.Produce(topic, default, value, handle);
            if (!accepted.IsCompletedSuccessfully)
                await accepted;
        }

        await producer.FlushAsync();
        clock.Stop();
        cpu = cluster.CpuSeconds - cpu;
        await cluster.Client.Admin.DeleteRecordsAsync(Enumerable.Range(0, Partitions).Select(partition => new DeleteRecordsQuery(new(topic, partition), -1)));
        var bytes = (double)records * RecordBytes;
        return failed == 0 ? (bytes / 1e6 / clock.Elapsed.TotalSeconds, cpu / (bytes / (1 << 30))) : throw new InvalidOperationException($"{failed} of {records} failed");
    }

    private async Task<(double Median, double High)> LatencyAsync(ClusterUnderTest cluster, string topic, Acks acks)
    {
        const int PerSecond = 1000;
        const int WarmUp = 2000;
        await using var producer = cluster.Client.CreateProducer<Unit, byte[]>(new ProducerOptions { Acks = acks, LingerMs = 0 });
        var value = new byte[100];
        var latencies = new double[WarmUp + scale.Of(16_000)];
        var sentAt = new long[latencies.Length];
        DeliveryHandler handle = (in DeliveryReport report) => latencies[(int)report.State!] = Stopwatch.GetElapsedTime(sentAt[(int)report.State!]).TotalMilliseconds;
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < latencies.Length; i++)
        {
            while (clock.Elapsed.TotalSeconds * PerSecond < i)
                await Task.Delay(1);

            sentAt[i] = Stopwatch.GetTimestamp();
            await producer.Produce(new ProducerRecord<Unit, byte[]>(topic, default, value) { Partition = i % Partitions }, handle, i);
        }

        await producer.FlushAsync();
        var sorted = latencies[WarmUp..].Order().ToArray();
        return (sorted[sorted.Length / 2], sorted[sorted.Length * 99 / 100]);
    }

    /// <summary>From the fault to the first acknowledged write of the partition that its victim led, in milliseconds, again and again.</summary>
    private static async Task<double[]> FailAsync(ClusterUnderTest cluster, string fault, bool onController, int tries)
    {
        var gaps = new List<double>();
        while (gaps.Count < tries)
        {
            var controller = (await cluster.Client.Admin.DescribeClusterAsync()).ControllerId;
            var partitions = (await cluster.Client.Admin.DescribeTopicAsync("copied")).Partitions;
            var partition = partitions.First(one => (one.LeaderId == controller) == onController);
            await using var producer = cluster.Client.CreateProducer<Unit, byte[]>(new ProducerOptions { Acks = Acks.All, LingerMs = 0 });
            await WriteAsync(producer, partition.Partition);
            var victim = partition.LeaderId;
            var clock = Stopwatch.StartNew();
            if (fault == "kill -9")
                await cluster.KillAsync(victim);
            else
                cluster.Signal(victim, fault == "SIGSTOP" ? Signals.Stop : Signals.Terminate);

            // A clean stop goes on serving until it has handed over: what counts is the longest pause.
            var longest = 0.0;
            var stopped = fault == "clean stop" ? cluster.ExitedAsync(victim) : Task.CompletedTask;
            do
            {
                var from = clock.Elapsed;
                await WriteAsync(producer, partition.Partition);
                longest = Math.Max(longest, (clock.Elapsed - from).TotalMilliseconds);
            }
            while (!stopped.IsCompleted);

            gaps.Add(longest);
            Console.Error.WriteLine($"    {fault} of broker {victim}{(onController ? " with the controller" : "")}: {longest:N0} ms");
            if (fault == "SIGSTOP")
                await cluster.KillAsync(victim);

            await cluster.StartAgainAsync(victim, "copied");
        }

        return [.. gaps];
    }

    private static async Task WriteAsync(ILogProducer<Unit, byte[]> producer, int partition) =>
        await producer.ProduceAsync(new ProducerRecord<Unit, byte[]>("copied", default, new byte[100]) { Partition = partition });
}
