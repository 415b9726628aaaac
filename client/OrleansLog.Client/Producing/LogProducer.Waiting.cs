using OrleansLog.Protocol.Records;

namespace OrleansLog.Client;

internal sealed partial class LogProducer<TKey, TValue>
{
    // Behind all earlier callers of the topic, until it is known and there is room. Rare: the first record, or back-pressure.
    private async ValueTask WaitAsync(ProducerTopic topic, StoredRecord record, Pending pending, CancellationToken cancellationToken)
    {
        topic.AddWaiting(1);
        var isUnknown = false;
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, core.Closing);
        try
        {
            await EnterAsync(topic.Gate, linked.Token).ConfigureAwait(false);
            try
            {
                await AppendInTurnAsync(topic, record, pending, linked.Token).ConfigureAwait(false);
            }
            finally
            {
                topic.Gate.Exit();
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw ProducerCore.Closed();
        }
        catch (UnknownTopicException)
        {
            isUnknown = true;
            throw;
        }
        finally
        {
            topic.AddWaiting(-1);
            if (isUnknown)
                core.Forget(topic);
        }
    }

    private static async Task EnterAsync(AsyncGate gate, CancellationToken cancellationToken)
    {
        var entered = gate.EnterAsync();
        try
        {
            await entered.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The turn comes all the same; it is passed on.
            _ = entered.ContinueWith(
                static (_, gate) => ((AsyncGate)gate!).Exit(), gate, CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            throw;
        }
    }

    private async ValueTask AppendInTurnAsync(ProducerTopic topic, StoredRecord record, Pending pending, CancellationToken cancellationToken)
    {
        var started = core.Time.GetTimestamp();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var room = core.Memory.NextReleaseAsync();
            var senders = topic.Senders;
            var sender = senders.Length == 0 ? null : topic.Route(senders, record.Partition, record.Key, record.KeyIsNull);
            if (sender is null)
            {
                await topic.LoadAsync(Math.Max(0, record.Partition), cancellationToken).ConfigureAwait(false);
                continue;
            }

            switch (sender.TryAppend(record.Bytes, pending))
            {
                case AppendStatus.Appended:
                    return;
                case AppendStatus.Closed:
                    throw ProducerCore.Closed();
            }

            core.SealAll();
            var remaining = TimeSpan.FromMilliseconds(core.Options.MaxBlockMs) - core.Time.GetElapsedTime(started);
            try
            {
                await room.WaitAsync(remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero, core.Time, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                throw new BufferFullException(
                    $"The producer's buffer of {core.Options.BufferMemoryBytes} bytes (BufferMemoryBytes) had no room for {core.Options.MaxBlockMs} ms (MaxBlockMs).");
            }
        }
    }
}

/// <summary>A record that waits: its bytes, copied, because the caller's memory and the scratch belong to others by then.</summary>
internal sealed class StoredRecord
{
    private readonly byte[] _bytes;
    private readonly int _keyLength;
    private readonly bool _valueIsNull;
    private readonly long _timestampMs;
    private readonly ReadOnlyMemory<RecordHeader> _headers;

    public StoredRecord(in RecordBytes record, ReadOnlyMemory<RecordHeader> headers, int partition)
    {
        _bytes = new byte[record.Key.Length + record.Value.Length];
        record.Key.CopyTo(_bytes);
        record.Value.CopyTo(_bytes.AsSpan(record.Key.Length));
        _keyLength = record.Key.Length;
        KeyIsNull = record.KeyIsNull;
        _valueIsNull = record.ValueIsNull;
        _timestampMs = record.TimestampMs;
        _headers = headers;
        Partition = partition;
    }

    public int Partition { get; }

    public bool KeyIsNull { get; }

    public ReadOnlySpan<byte> Key => _bytes.AsSpan(0, _keyLength);

    public RecordBytes Bytes => new()
    {
        TimestampMs = _timestampMs,
        Key = Key,
        KeyIsNull = KeyIsNull,
        Value = _bytes.AsSpan(_keyLength),
        ValueIsNull = _valueIsNull,
        Headers = _headers.Span,
    };
}
