using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace OrleansLog.Bench.References;

/// <summary>
/// What the listener would be on Kestrel's socket transport with blocks of 256 KiB: a frame arrives in the pipe, is copied
/// once into memory of its own, and is written to a file.
/// </summary>
internal sealed class KestrelSink : ConnectionHandler
{
    private const int AnswerBytes = 64;

    public static async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, LargeBlocks>();
        builder.WebHost.UseSockets().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.UseConnectionHandler<KestrelSink>());
            kestrel.Limits.MaxRequestBufferSize = 2 << 20;
        });
        var app = builder.Build();
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        ReferenceServer.Announce(new Uri(address).Port);
    }

    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        using var file = new RingFile();
        var answer = new byte[AnswerBytes];
        var input = connection.Transport.Input;
        while (true)
        {
            var read = await input.ReadAsync();
            var buffer = read.Buffer;
            while (TryTake(ref buffer, out var frame))
            {
                var length = (int)frame.Length;
                var contiguous = ArrayPool<byte>.Shared.Rent(length);
                frame.CopyTo(contiguous);
                file.Append(contiguous.AsSpan(0, length));
                ArrayPool<byte>.Shared.Return(contiguous);
                await connection.Transport.Output.WriteAsync(answer);
            }

            input.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
                return;
        }
    }

    private static bool TryTake(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> frame)
    {
        frame = default;
        if (buffer.Length < sizeof(int))
            return false;

        Span<byte> prefix = stackalloc byte[sizeof(int)];
        buffer.Slice(0, sizeof(int)).CopyTo(prefix);
        var length = BinaryPrimitives.ReadInt32BigEndian(prefix);
        if (buffer.Length < sizeof(int) + length)
            return false;

        frame = buffer.Slice(sizeof(int), length);
        buffer = buffer.Slice(sizeof(int) + length);
        return true;
    }

    private sealed class LargeBlocks : IMemoryPoolFactory<byte>
    {
        private readonly LargeBlockPool _pool = new();

        public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => _pool;
    }

    private sealed class LargeBlockPool : MemoryPool<byte>
    {
        private const int BlockBytes = 256 << 10;

        private readonly System.Collections.Concurrent.ConcurrentBag<Block> _free = [];

        public override int MaxBufferSize => BlockBytes;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => _free.TryTake(out var block) ? block : new Block(this);

        protected override void Dispose(bool disposing)
        {
        }

        private sealed class Block(LargeBlockPool pool) : IMemoryOwner<byte>
        {
            private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(BlockBytes, pinned: true);

            public Memory<byte> Memory => _bytes;

            public void Dispose() => pool._free.Add(this);
        }
    }
}
