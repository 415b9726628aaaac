using System.Globalization;
using OrleansLog.Bench.References;

namespace OrleansLog.Bench;

/// <summary>Processor time of the broker for one small produce request: one connection, one partition.</summary>
internal sealed class RequestRows(SiloUnderTest silo, Scale scale, int pairs)
{
    private const int BatchBytes = 16 << 10;
    private const int RequestsPerSlice = Scale.SliceBytes / BatchBytes;
    private const double Microseconds = 1e6;

    private int Requests => RequestsPerSlice * Math.Max(1, scale.Slices / 2);

    public async IAsyncEnumerable<BenchRow> RunAsync()
    {
        foreach (var window in (int[])[1, 5])
        {
            yield return await silo.WithTopicAsync(1, async topic =>
            {
                var frame = RawKafka.Frame(RawRequests.Produce(topic, Batches.Make(BatchBytes)), RawRequests.ProduceVersion);
                using var client = RawKafka.Connect(silo.Address);
                client.Send(frame);
                client.Receive();
                var answerBytes = client.AnswerBytes + sizeof(int);
                using var sink = ReferenceProcess.Start("sink", answerBytes.ToString(CultureInfo.InvariantCulture));
                using var bare = RawKafka.Connect(sink.Port);
                var figures = await Paired.RunAsync(pairs, () => ProduceAsync(client, topic, frame, window), () => SendAsync(bare, sink, frame, window, answerBytes));
                return new BenchRow($"broker's CPU for a produce request of 16 KiB, acks=1, {window} unanswered at a time", "µs", figures.Ours, figures.Reference,
                    figures.Ratio, "within 2", "bare socket that writes the file and answers as many bytes");
            });
        }
    }

    private Task<double> ProduceAsync(RawKafka client, string topic, byte[] frame, int window) => Task.Run(async () =>
        await ProcessCpu.DuringAsync(silo.ProcessId, async () =>
        {
            for (var sent = 0; sent < Requests; sent += RequestsPerSlice)
            {
                client.SendWindowed(frame, RequestsPerSlice, window);
                await silo.CutAsync(topic);
            }
        }) / Requests * Microseconds);

    private Task<double> SendAsync(RawKafka client, ReferenceProcess sink, byte[] frame, int window, int answerBytes) => Task.Run(async () =>
        await ProcessCpu.DuringAsync(sink.ProcessId, () =>
        {
            for (var i = 0; i < Requests + window; i++)
            {
                if (i >= window)
                    client.Skip(answerBytes);
                if (i < Requests)
                    client.Send(frame);
            }

            return Task.CompletedTask;
        }) / Requests * Microseconds);
}
