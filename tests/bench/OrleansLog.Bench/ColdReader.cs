using System.Diagnostics;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Bench;

/// <summary>A client that reads a partition from its beginning to its end, over and over, which the page cache has forgotten each time.</summary>
internal sealed class ColdReader
{
    private const int BatchBytes = 1 << 20;

    private readonly SiloUnderTest _silo;
    private readonly string _topic;
    private readonly List<long> _offsets = [];
    private CancellationTokenSource? _stop;
    private Task<double>? _reading;

    /// <summary>Fills a topic.</summary>
    public ColdReader(SiloUnderTest silo, string topic, int mebibytes)
    {
        _silo = silo;
        _topic = topic;
        var produce = RawKafka.Frame(RawRequests.Produce(topic, Batches.Make(BatchBytes)), RawRequests.ProduceVersion);
        using var client = RawKafka.Connect(silo.Address);
        for (var i = 0; i < mebibytes; i++)
        {
            client.Send(produce);
            client.Receive();
            var answer = RawKafka.Decode<ProduceResponseData>(client.Answer.ToArray(), RawRequests.ProduceVersion).Responses[0].PartitionResponses[0];
            _offsets.Add(answer.ErrorCode == Protocol.ErrorCode.None ? answer.BaseOffset : throw new InvalidOperationException($"{answer.ErrorCode}"));
        }
    }

    /// <summary>How fast the last reading was.</summary>
    public double MebibytesPerSecond { get; private set; }

    /// <summary>Begins to read.</summary>
    public void Begin()
    {
        _stop = new CancellationTokenSource();
        _reading = Task.Factory.StartNew(() => Read(_stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Ends it.</summary>
    public async Task EndAsync()
    {
        await _stop!.CancelAsync();
        MebibytesPerSecond = await _reading!;
    }

    private double Read(CancellationToken stop)
    {
        using var client = RawKafka.Connect(_silo.Address);
        var (bytes, clock) = (0L, new Stopwatch());
        while (!stop.IsCancellationRequested)
        {
            foreach (var segment in Directory.GetFiles(Path.Combine(_silo.DataDirectory, _topic + "-0"), "*.log"))
                Libc.DropFromCache(segment);

            clock.Start();
            for (var i = 0; i < _offsets.Count && !stop.IsCancellationRequested; i++)
            {
                client.Send(RawKafka.Frame(RawRequests.Fetch(_topic, BatchBytes, _offsets[i]), RawRequests.FetchVersion));
                client.Receive();
                bytes += client.AnswerBytes;
            }

            clock.Stop();
        }

        return bytes / clock.Elapsed.TotalSeconds / (1 << 20);
    }
}
