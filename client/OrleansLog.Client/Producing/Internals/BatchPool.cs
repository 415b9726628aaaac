using OrleansLog.Protocol.Records;

namespace OrleansLog.Client;

/// <summary>Batches to use again; the idle ones hold at most what the buffer's limit is.</summary>
internal sealed class BatchPool(ProducerOptions options, BufferMemory memory) : IDisposable
{
    private readonly RecordBatchBuilderOptions _builderOptions = new()
    {
        Codec = options.Compression,
        CompressionLevel = options.CompressionLevel,
        CapacityBytes = options.BatchBytes,
    };

    private readonly Lock _gate = new();

    // The last one returned goes out first: its memory is still in the processor's caches.
    private readonly Stack<ProducerBatch> _idle = new();
    private readonly long _idleMax = Math.Max(1, options.BufferMemoryBytes / options.BatchBytes);
    private bool _disposed;

    public ProducerBatch Rent()
    {
        lock (_gate)
        {
            if (_idle.TryPop(out var batch))
                return batch;
        }

        return new ProducerBatch(_builderOptions);
    }

    public void Return(ProducerBatch batch)
    {
        memory.Release(batch.ReservedBytes);
        batch.ReservedBytes = 0;
        batch.Reset();
        lock (_gate)
        {
            // By number, not by bytes: a full buffer seals batches early, and those, too, are used again.
            if (!_disposed && _idle.Count < _idleMax)
            {
                _idle.Push(batch);
                return;
            }
        }

        batch.Dispose();
    }

    /// <summary>
    /// Lets go of a batch that a transport may still read, because its answer was lost: reusing the memory could send other records
    /// under its name. The garbage collector has it.
    /// </summary>
    public void Abandon(ProducerBatch batch)
    {
        memory.Release(batch.ReservedBytes);
        batch.ReservedBytes = 0;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            while (_idle.TryPop(out var batch))
                batch.Dispose();
        }
    }
}
