using OrleansLog.Protocol.Records;

namespace OrleansLog.Client;

/// <summary>The typed face of <see cref="ProducerCore"/>: serializes, routes, appends; waits only when there is no room.</summary>
internal sealed partial class LogProducer<TKey, TValue>(
    ProducerCore core, ISerializer<TKey> keySerializer, ISerializer<TValue> valueSerializer) : ILogProducer<TKey, TValue>
{
    private readonly IBytesView<TKey>? _keyView = keySerializer as IBytesView<TKey>;
    private readonly IBytesView<TValue>? _valueView = valueSerializer as IBytesView<TValue>;

    public ValueTask<DeliveryResult> ProduceAsync(string topic, TKey key, TValue value, CancellationToken cancellationToken = default) =>
        ProduceAsync(new ProducerRecord<TKey, TValue>(topic, key, value), cancellationToken);

    public ValueTask<DeliveryResult> ProduceAsync(ProducerRecord<TKey, TValue> record, CancellationToken cancellationToken = default)
    {
        var source = DeliverySource.Rent();
        var delivery = source.Task;
        ValueTask accepted;
        try
        {
            accepted = AppendAsync(record, source, null, cancellationToken);
        }
        catch
        {
            source.Return();
            throw;
        }

        if (!accepted.IsCompletedSuccessfully)
            core.Own(FailUnaccepted(accepted, source));
        return delivery;
    }

    public ValueTask Produce(
        string topic, TKey key, TValue value, DeliveryHandler? handler = null, object? state = null,
        CancellationToken cancellationToken = default) =>
        AppendAsync(new ProducerRecord<TKey, TValue>(topic, key, value), handler, state, cancellationToken);

    public ValueTask Produce(
        ProducerRecord<TKey, TValue> record, DeliveryHandler? handler = null, object? state = null,
        CancellationToken cancellationToken = default) =>
        AppendAsync(record, handler, state, cancellationToken);

    public Task FlushAsync(CancellationToken cancellationToken = default) => core.FlushAsync(cancellationToken);

    public Task CloseAsync(CancellationToken cancellationToken = default) => core.CloseAsync(cancellationToken);

    public ValueTask DisposeAsync() => new(core.CloseAsync(CancellationToken.None));

    private static async Task FailUnaccepted(ValueTask accepted, DeliverySource source)
    {
        try
        {
            await accepted.ConfigureAwait(false);
        }
        catch (Exception error)
        {
            source.SetException(error);
        }
    }

    private ValueTask AppendAsync(in ProducerRecord<TKey, TValue> record, object? target, object? state, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(record.Topic);
        if (core.IsClosed)
            return ValueTask.FromException(ProducerCore.Closed());
        var scratch = ScratchWriter.Take();
        try
        {
            var topic = core.Topic(record.Topic);
            var keyIsNull = Write(keySerializer, record.Key, scratch, _keyView is null, record.Topic, isKey: true);
            var keyLength = scratch.Written;
            var valueIsNull = Write(valueSerializer, record.Value, scratch, _valueView is null, record.Topic, isKey: false);
            var bytes = new RecordBytes
            {
                TimestampMs = record.TimestampMs ?? core.Clock.NowMs(),
                Key = keyIsNull ? default : _keyView is null ? scratch.Slice(0, keyLength) : _keyView.View(record.Key),
                KeyIsNull = keyIsNull,
                Value = valueIsNull ? default
                    : _valueView is null ? scratch.Slice(keyLength, scratch.Written - keyLength) : _valueView.View(record.Value),
                ValueIsNull = valueIsNull,
                Headers = record.Headers.Span,
            };
            if (bytes.MaxBytes() is var size && size > core.Options.MaxRecordBytes + (long)RecordBatchHeader.Size)
                return TooLarge(topic, bytes);
            var pending = new Pending(target, state, bytes.TimestampMs);
            var partition = record.Partition ?? -1;
            return TryAppend(topic, partition, bytes, pending) ? default : WaitAsync(topic, new StoredRecord(bytes, record.Headers, partition), pending, cancellationToken);
        }
        catch (Exception error) when (error is LogException or ArgumentException)
        {
            return ValueTask.FromException(error);
        }
        finally
        {
            ScratchWriter.Return(scratch);
        }
    }

    private static bool TryAppend(ProducerTopic topic, int partition, in RecordBytes bytes, in Pending pending)
    {
        var senders = topic.Senders;
        return senders.Length > 0 && !topic.HasWaiting
            && topic.Route(senders, partition, bytes.Key, bytes.KeyIsNull) is { } sender
            && sender.TryAppend(bytes, pending) == AppendStatus.Appended;
    }

    private static bool Write<T>(ISerializer<T> serializer, T value, ScratchWriter scratch, bool isCopied, string topic, bool isKey)
    {
        try
        {
            if (serializer.IsNull(value))
                return true;
            if (isCopied)
                serializer.Serialize(value, scratch);
            return false;
        }
        catch (Exception error)
        {
            throw new RecordSerializationException(topic, isKey, error);
        }
    }

    private ValueTask TooLarge(ProducerTopic topic, in RecordBytes bytes) => ValueTask.FromException(new RecordTooLargeException(
        $"A record for '{topic.Name}' has {bytes.Key.Length + bytes.Value.Length} bytes of key and value; MaxRecordBytes is {core.Options.MaxRecordBytes}."));
}
