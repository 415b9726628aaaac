using System.Collections.Concurrent;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Client;

/// <summary>Batches to use again. Idle ones and used ones together stay within the buffer's limit, as far as full batches go.</summary>
internal sealed class BatchPool(ProducerOptions options, BufferMemory memory) : IDisposable
{
    private readonly RecordBatchBuilderOptions _builderOptions = new()
    {
        Codec = options.Compression,
        CompressionLevel = options.CompressionLevel,
        CapacityBytes = options.BatchBytes,
    };

    private readonly ConcurrentQueue<ProducerBatch> _idle = new();
    private bool _disposed;

    public ProducerBatch Rent() => _idle.TryDequeue(out var batch) ? batch : new ProducerBatch(_builderOptions);

    public void Return(ProducerBatch batch)
    {
        // Decided before the release, which lets others take the room at once: a full buffer, too, uses its batches again.
        var used = memory.UsedBytes - batch.ReservedBytes;
        var isKept = !Volatile.Read(ref _disposed) && ((_idle.Count + 1L) * options.BatchBytes) + used <= memory.LimitBytes;
        var reserved = batch.ReservedBytes;
        batch.ReservedBytes = 0;
        if (isKept)
        {
            batch.Reset();
            _idle.Enqueue(batch);
        }
        else
        {
            batch.Dispose();
        }

        memory.Release(reserved);
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
        Volatile.Write(ref _disposed, true);
        while (_idle.TryDequeue(out var batch))
            batch.Dispose();
    }
}
