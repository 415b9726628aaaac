using System.Globalization;
using OrleansLog.Bench.References;

namespace OrleansLog.Bench;

/// <summary>Processor time of the broker for what goes in and out in large batches, beside a bare process that moves as many bytes.</summary>
internal sealed class CpuRows(SiloUnderTest silo, Scale scale, int pairs)
{
    private const int RecordBytes = 1024;
    private const int RecordsPerSlice = Scale.SliceBytes / RecordBytes;
    private const int FrameBytes = 1 << 20;
    private const int FramesPerSlice = Scale.SliceBytes / FrameBytes;
    private const int Window = 5;
    private const double LingerMs = 50;

    /// <summary>About what a broker answers.</summary>
    public const int AnswerBytes = 64;

    private double GiB => scale.Slices * (double)Scale.SliceBytes / (1 << 30);

    public async Task<BenchRow> ProducedAsync()
    {
        using var sink = ReferenceProcess.Start("sink", AnswerBytes.ToString(CultureInfo.InvariantCulture));
        var produced = await Paired.RunAsync(pairs, () => silo.WithTopicAsync(1, ProduceAsync), () => SendAsync(sink, scale));
        return Row("produced by Confluent.Kafka, 1 KiB records in 1 MiB batches, acks=1", produced, "within 2.2; aim: 0.8 s", "bare socket to file, the same files over and over");
    }

    public async IAsyncEnumerable<BenchRow> ConsumedAsync()
    {
        var file = Path.GetTempFileName();
        try
        {
            Fill(file);
            using var source = ReferenceProcess.Start("source", file);
            var consumed = await silo.WithTopicAsync(1, async topic =>
            {
                using (var producer = ConfluentClient.Producer(ConfluentClient.ProducerConfig(silo.Address, LingerMs)))
                    ConfluentClient.Produce(producer, topic, 1, RecordsPerSlice, ConfluentClient.ValuesOf(RecordBytes));

                return await Paired.RunAsync(pairs, () => ConsumeAsync(topic), () => AskAsync(source));
            });
            yield return Row("consumed by Confluent.Kafka, the same batches, one a fetch", consumed, "within 1.4; aim: 0.4 s", "bare file to socket, read and sent by the mebibyte");

            using var sendfile = ReferenceProcess.Start("sendfile", file);
            var bare = await Paired.RunAsync(pairs, () => AskAsync(source), () => AskAsync(sendfile));
            yield return Row("sent by that reference", bare, "reported", "the same by sendfile");
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Processor seconds of a bare receiver for each GiB sent to it.</summary>
    public static Task<double> SendAsync(ReferenceProcess sink, Scale scale) => Task.Run(async () =>
    {
        var frame = new byte[sizeof(int) + FrameBytes];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(frame, FrameBytes);
        using var client = RawKafka.Connect(sink.Port);
        var seconds = await ProcessCpu.DuringAsync(sink.ProcessId, () =>
        {
            for (var sent = -Window; sent < scale.Slices * FramesPerSlice; sent++)
            {
                if (sent >= 0)
                    client.Skip(AnswerBytes);
                if (sent + Window < scale.Slices * FramesPerSlice)
                    client.Send(frame);
            }

            return Task.CompletedTask;
        });
        return seconds / (scale.Slices * (double)Scale.SliceBytes / (1 << 30));
    });

    private static BenchRow Row(string what, (double Ours, double Reference, double Ratio) figures, string goal, string note) =>
        new("broker's CPU for each GiB " + what, "s", figures.Ours, figures.Reference, figures.Ratio, goal, note);

    private async Task<double> ProduceAsync(string topic)
    {
        using var producer = ConfluentClient.Producer(ConfluentClient.ProducerConfig(silo.Address, LingerMs));
        var values = ConfluentClient.ValuesOf(RecordBytes);
        ConfluentClient.Produce(producer, topic, 1, 1, values);
        return await ProcessCpu.DuringAsync(silo.ProcessId, async () =>
        {
            for (var slice = 0; slice < scale.Slices; slice++)
            {
                await Task.Run(() => ConfluentClient.Produce(producer, topic, 1, RecordsPerSlice, values));
                await silo.CutAsync(topic);
            }
        }) / GiB;
    }

    private async Task<double> ConsumeAsync(string topic)
    {
        using var consumer = ConfluentClient.Consumer(ConfluentClient.ConsumerConfig(silo.Address));
        return await ProcessCpu.DuringAsync(silo.ProcessId, () => Task.Run(() =>
        {
            for (var slice = 0; slice < scale.Slices; slice++)
                ConfluentClient.Consume(consumer, topic, 1, RecordsPerSlice);
        })) / GiB;
    }

    private Task<double> AskAsync(ReferenceProcess source) => Task.Run(async () =>
    {
        // As long as a fetch.
        byte[] request = [0, 0, 0, 96, .. new byte[96]];
        using var client = RawKafka.Connect(source.Port);
        return await ProcessCpu.DuringAsync(source.ProcessId, () =>
        {
            for (var i = 0; i < scale.Slices * FramesPerSlice; i++)
            {
                client.Send(request);
                client.Skip(SourceServer.AnswerBytes);
            }

            return Task.CompletedTask;
        }) / GiB;
    });

    private static void Fill(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write);
        var block = new byte[FrameBytes];
        Random.Shared.NextBytes(block);
        for (var i = 0; i < FramesPerSlice; i++)
            RandomAccess.Write(file, block, (long)i * FrameBytes);
    }
}
