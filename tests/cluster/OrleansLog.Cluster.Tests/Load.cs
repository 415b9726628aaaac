using System.Collections.Concurrent;
using OrleansLog.Client;
using OrleansLog.Cluster.Tests.History;

namespace OrleansLog.Cluster.Tests;

/// <summary>One producer that sends unique values as fast as they are taken, and remembers what it was told about each.</summary>
internal sealed class Load : IAsyncDisposable
{
    private static readonly TimeSpan LongEnough = TimeSpan.FromMinutes(5);
    private static readonly string Padding = new('x', 2_000);

    private readonly ILogProducer<Unit, string> _producer;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<SentRecord> _sent = new();
    private readonly ConcurrentDictionary<long, SentRecord> _told = new();
    private volatile TaskCompletionSource _enough = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _topic;
    private readonly int[] _partitions;
    private readonly Task _sending;
    private int _acknowledged;
    private int _wanted = int.MaxValue;
    private long _sequence;

    private Load(ILogClient client, string topic, int[] partitions, long firstSequence, ProducerOptions options)
    {
        (_topic, _partitions, _sequence) = (topic, partitions, firstSequence);
        _producer = client.CreateProducer<Unit, string>(options);
        _sending = Task.Run(SendAsync);
    }

    /// <summary>Starts sending. Sequences go on from <paramref name="firstSequence"/>, so that values stay unique over a test.</summary>
    public static Load Start(ILogClient client, string topic, IEnumerable<int> partitions, long firstSequence, ProducerOptions? options = null) =>
        new(client, topic, [.. partitions], firstSequence, options ?? SmallBatches());

    /// <summary>Options that make a producer give up within seconds, for brokers that will not take its records.</summary>
    public static ProducerOptions Impatient()
    {
        var options = SmallBatches();
        (options.DeliveryTimeoutMs, options.RequestTimeoutMs, options.MaxBlockMs) = (3_000, 3_000, 10_000);
        return options;
    }

    /// <summary>Options that outlast any number of restarts on a busy machine, for a producer of which every record has to arrive.</summary>
    public static ProducerOptions Patient()
    {
        var options = SmallBatches();
        options.DeliveryTimeoutMs = options.MaxBlockMs = (int)LongEnough.TotalMilliseconds;
        return options;
    }

    private static ProducerOptions SmallBatches() =>
        new() { BatchBytes = 16 * 1024, LingerMs = 1, BufferMemoryBytes = 1 << 20, MaxRecordBytes = 64 * 1024 };

    /// <summary>The first refusal; that a slow machine's time ran out before any answer came is none.</summary>
    public Task Refused => _refused.Task.WaitAsync(LongEnough);

    /// <summary>The sequence of the next record.</summary>
    public long NextSequence => Volatile.Read(ref _sequence);

    public int Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>Completes when that many more records have been acknowledged.</summary>
    public Task AcknowledgedAsync(int more)
    {
        // In this order: what was wanted before is reached, and must not complete what is wanted now.
        Volatile.Write(ref _wanted, Acknowledged + more);
        _enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Told();
        return _enough.Task.WaitAsync(LongEnough);
    }

    /// <summary>Sends no more, gives up on what has no answer, and says what each record was told.</summary>
    public async Task<IReadOnlyList<SentRecord>> StopAsync(TimeSpan? patience = null)
    {
        await _stop.CancelAsync();
        await _sending;
        using var close = new CancellationTokenSource(patience ?? TimeSpan.FromSeconds(1));
        try
        {
            await _producer.CloseAsync(close.Token);
        }
        catch (OperationCanceledException)
        {
            // What has no answer by now is unknown.
        }

        return [.. _sent.Select(record => _told.GetValueOrDefault(record.Sequence, record))];
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task SendAsync()
    {
        DeliveryHandler handler = Delivered;
        while (!_stop.IsCancellationRequested)
        {
            var sequence = _sequence;
            Volatile.Write(ref _sequence, sequence + 1);
            var partition = _partitions[sequence % _partitions.Length];
            var value = $"{sequence}:{Padding.AsSpan(0, (int)(sequence * 7919 % 600))}";
            var sent = new SentRecord(partition, sequence, value, Outcome.Unknown);
            _sent.Enqueue(sent);
            try
            {
                var record = new ProducerRecord<Unit, string>(_topic, default, value) { Partition = partition };
                await _producer.Produce(record, handler, sent, _stop.Token);
            }
            catch (Exception error) when (error is OperationCanceledException or LogException)
            {
                // It never got into the buffer; where we did not ask to stop, and there was no mere lack of time, nor would the next one.
                _told[sequence] = sent with { Outcome = Outcome.Refused };
                if (error is LogException late && LogReading.CodeOf(late) == ErrorCode.RequestTimedOut)
                {
                    continue;
                }

                _refused.TrySetResult();
                return;
            }
        }
    }

    private void Delivered(in DeliveryReport report)
    {
        var record = (SentRecord)report.State!;
        if (report.Error is null)
        {
            _told[record.Sequence] = record with { Outcome = Outcome.Acknowledged, Offset = report.Offset };
            Interlocked.Increment(ref _acknowledged);
            Told();
            return;
        }

        if (report.Error is not DeliveryUnknownException)
        {
            _told[record.Sequence] = record with { Outcome = Outcome.Refused };
        }

        if (LogReading.CodeOf(report.Error) != ErrorCode.RequestTimedOut)
        {
            _refused.TrySetResult();
        }
    }

    private void Told()
    {
        if (Acknowledged >= Volatile.Read(ref _wanted))
        {
            _enough.TrySetResult();
        }
    }
}
