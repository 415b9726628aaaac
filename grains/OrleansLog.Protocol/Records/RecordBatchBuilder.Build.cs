using OrleansLog.Protocol.Compression;

namespace OrleansLog.Protocol.Records;

public sealed partial class RecordBatchBuilder
{
    /// <summary>
    /// Finishes the batch: compresses it, writes header and CRC. The memory belongs to the builder until <see cref="Reset"/> or
    /// <see cref="Dispose"/>. Without a codec nothing is copied; with one, records that do not shrink stay as they are.
    /// </summary>
    /// <exception cref="InvalidOperationException">The batch has no records, or a record is still open.</exception>
    public Memory<byte> Build()
    {
        if (Count == 0) throw new InvalidOperationException("A batch needs a record; BuildCleaned makes empty ones.");
        return Build(_lastOffsetDelta, MaxTimestampMs);
    }

    /// <summary>
    /// Finishes a batch from which records were cleaned away: the offsets up to <paramref name="lastOffsetDelta"/> stay taken. Without any
    /// record left, the batch keeps <paramref name="maxTimestampMs"/> and the producer's state, which must not be lost with it.
    /// </summary>
    public Memory<byte> BuildCleaned(int lastOffsetDelta, long maxTimestampMs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lastOffsetDelta, Math.Max(_lastOffsetDelta, 0));
        return Build(lastOffsetDelta, Count == 0 ? maxTimestampMs : MaxTimestampMs);
    }

    private Memory<byte> Build(int lastOffsetDelta, long maxTimestampMs)
    {
        if (_isRecordOpen) ThrowRecordOpen();
        if (!_isBuilt) Compress();
        _isBuilt = true;
        Memory<byte> batch = _isCompressed ? _compressed.WrittenMemory : _buffer.WrittenMemory;
        ObjectDisposedException.ThrowIf(batch.IsEmpty, this);
        bool isAppendTime = _options.TimestampType == TimestampType.LogAppendTime;
        var header = new RecordBatchHeader
        {
            BaseOffset = _options.BaseOffset,
            BatchLength = batch.Length - RecordBatchHeader.LogOverhead,
            PartitionLeaderEpoch = _options.PartitionLeaderEpoch,
            Magic = BatchLayout.CurrentMagic,
            Attributes = Attributes(),
            LastOffsetDelta = lastOffsetDelta,
            BaseTimestamp = _baseTimestampMs,
            MaxTimestamp = isAppendTime && Count > 0 ? _options.LogAppendTimeMs : maxTimestampMs,
            ProducerId = _producerId,
            ProducerEpoch = _producerEpoch,
            BaseSequence = _baseSequence,
            RecordCount = Count,
        };
        header.Write(batch.Span);
        (header with { Crc = RecordBatchHeader.ComputeCrc(batch.Span) }).Write(batch.Span);
        return batch;
    }

    private short Attributes()
    {
        int attributes = _isCompressed ? (int)_options.Codec : (int)CompressionCodec.None;
        if (_options.TimestampType == TimestampType.LogAppendTime) attributes |= BatchLayout.TimestampTypeFlag;
        if (_isTransactional) attributes |= BatchLayout.TransactionalFlag;
        if (_options.IsControl) attributes |= BatchLayout.ControlFlag;
        if (_options.DeleteHorizonMs is not null && Count > 0) attributes |= BatchLayout.DeleteHorizonFlag;
        return (short)attributes;
    }

    private void Compress()
    {
        if (_options.Codec == CompressionCodec.None || Count == 0) return;
        _compressed.Clear();
        _compressed.Reserve(RecordBatchHeader.Size);
        _compressed.Advance(RecordBatchHeader.Size);
        Compressor.Compress(_options.Codec, _options.CompressionLevel, _buffer.Written[RecordBatchHeader.Size..], ref _compressed);
        _isCompressed = _compressed.Length < _buffer.Length;
    }
}
