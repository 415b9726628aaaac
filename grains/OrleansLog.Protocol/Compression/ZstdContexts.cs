using System.Collections.Concurrent;
using ZstdSharp.Unsafe;

namespace OrleansLog.Protocol.Compression;

/// <summary>
/// zstd's working memory is large and slow to set up, so a few contexts are kept. More may be in use at once than are kept;
/// those are freed when they come back.
/// </summary>
internal static class ZstdContexts
{
    public static Pool<ZstdCompressionContext> Compression { get; } = new(static () => new ZstdCompressionContext());

    public static Pool<ZstdDecompressionContext> Decompression { get; } = new(static () => new ZstdDecompressionContext());

    internal sealed class Pool<T>(Func<T> create)
        where T : class, IDisposable
    {
        private static readonly int Kept = Environment.ProcessorCount;

        private readonly ConcurrentQueue<T> _idle = new();
        private int _idleCount;

        public Lease<T> Rent()
        {
            if (!_idle.TryDequeue(out T? context)) return new Lease<T>(this, create());
            Interlocked.Decrement(ref _idleCount);
            return new Lease<T>(this, context);
        }

        public void Return(T context)
        {
            if (Interlocked.Increment(ref _idleCount) <= Kept)
            {
                _idle.Enqueue(context);
                return;
            }

            Interlocked.Decrement(ref _idleCount);
            context.Dispose();
        }
    }

    internal readonly ref struct Lease<T>(Pool<T> pool, T context)
        where T : class, IDisposable
    {
        public T Context => context;

        public void Dispose() => pool.Return(context);
    }
}

/// <summary>Memory of a zstd compressor, freed with the object.</summary>
internal sealed unsafe class ZstdCompressionContext : IDisposable
{
    public ZstdCompressionContext() => Pointer = Methods.ZSTD_createCCtx();

    ~ZstdCompressionContext() => Free();

    public ZSTD_CCtx_s* Pointer { get; private set; }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        _ = Methods.ZSTD_freeCCtx(Pointer);
        Pointer = null;
    }
}

/// <summary>Memory of a zstd decompressor, freed with the object.</summary>
internal sealed unsafe class ZstdDecompressionContext : IDisposable
{
    public ZstdDecompressionContext() => Pointer = Methods.ZSTD_createDCtx();

    ~ZstdDecompressionContext() => Free();

    public ZSTD_DCtx_s* Pointer { get; private set; }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        _ = Methods.ZSTD_freeDCtx(Pointer);
        Pointer = null;
    }
}
