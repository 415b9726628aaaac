using System.Runtime.InteropServices;
using OrleansLog.Kafka.Dispatch;
using OrleansLog.Kafka.Network.Sockets;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Network;

/// <summary>Writes answers to a socket: small ones together, records from where they lie. One caller at a time.</summary>
internal sealed class AnswerWriter(ClientSocket socket, ConnectionActivity activity)
{
    private const int PrefixBytes = sizeof(int);

    /// <summary>Bytes of one system call; between two of them a slow reader's progress shows.</summary>
    private const int SendBytes = 1024 * 1024;

    /// <summary>Pieces of one system call; the system takes 1,024.</summary>
    private const int SendPieces = 256;

    private readonly List<ArraySegment<byte>> _pieces = [];
    private int _bytes;

    /// <summary>Sends the answers of requests, in their order; returns the bytes.</summary>
    public async ValueTask<long> WriteAsync(List<PendingRequest> requests)
    {
        var buffer = MessageBuffers.Rent();
        try
        {
            foreach (var request in requests)
            {
                if (request.Response is { } response)
                    request.AnswerBytes = Write(buffer, request, response);
            }

            if (buffer.Length > 0)
                await SendAsync(buffer.Segments).ConfigureAwait(false);

            return buffer.Length;
        }
        finally
        {
            MessageBuffers.Return(buffer);
        }
    }

    private static int Write(MessageBuffer buffer, PendingRequest request, IMessage response)
    {
        var at = buffer.Count;
        var before = buffer.Length;
        buffer.Append(PrefixBytes);
        var writer = new MessageWriter(buffer);
        writer.WriteInt32(request.Context.CorrelationId);
        if (ApiCatalog.ResponseHeaderVersion(request.Handler.ApiKey, request.Context.ApiVersion) > 0)
            writer.WriteUnsignedVarint(0);

        response.Write(ref writer, request.AnswerVersion);
        var bytes = checked((int)(buffer.Length - before));
        buffer.PatchInt32(at, bytes - PrefixBytes);
        return bytes;
    }

    private async ValueTask SendAsync(IReadOnlyList<ReadOnlyMemory<byte>> segments)
    {
        activity.Touch();
        for (var i = 0; i < segments.Count; i++)
        {
            for (var rest = segments[i]; !rest.IsEmpty;)
            {
                var piece = rest[..Math.Min(rest.Length, SendBytes - _bytes)];
                rest = rest[piece.Length..];
                Add(piece);
                if (_bytes == SendBytes || _pieces.Count == SendPieces)
                    await FlushAsync().ConfigureAwait(false);
            }
        }

        if (_pieces.Count > 0)
            await FlushAsync().ConfigureAwait(false);
    }

    /// <summary>Adds memory that is of an array, as all pooled memory is.</summary>
    private void Add(ReadOnlyMemory<byte> memory)
    {
        if (!MemoryMarshal.TryGetArray(memory, out var piece))
            piece = new ArraySegment<byte>(memory.ToArray());

        _pieces.Add(piece);
        _bytes += piece.Count;
    }

    private async ValueTask FlushAsync()
    {
        _bytes = 0;
        await socket.SendAsync(_pieces).ConfigureAwait(false);
        activity.Touch();
    }
}
