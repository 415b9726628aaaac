using System.Net.Sockets;
using OrleansLog.Kafka.Dispatch;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Network;

/// <summary>Writes answers to a socket: small ones together, records from where they lie. One caller at a time.</summary>
internal sealed class AnswerWriter(Socket socket, ConnectionActivity activity) : IDisposable
{
    private const int PrefixBytes = sizeof(int);

    /// <summary>Bytes of one system call; between two of them a slow reader's progress shows.</summary>
    private const int SendBytes = 1024 * 1024;

    /// <summary>Pieces of one system call; the system takes 1,024.</summary>
    private const int SendPieces = 256;

    private GatheredSend? _gathered;

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

    public void Dispose() => _gathered?.Dispose();

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
        if (segments.Count == 1)
        {
            await SendAsync(segments[0]).ConfigureAwait(false);
            return;
        }

        var gathered = _gathered ??= new GatheredSend();
        for (var i = 0; i < segments.Count; i++)
        {
            for (var rest = segments[i]; !rest.IsEmpty;)
            {
                var piece = rest[..Math.Min(rest.Length, SendBytes - gathered.Bytes)];
                rest = rest[piece.Length..];
                gathered.Add(piece);
                if (gathered.Bytes == SendBytes || gathered.Pieces == SendPieces)
                    await FlushAsync(gathered).ConfigureAwait(false);
            }
        }

        if (gathered.Pieces > 0)
            await FlushAsync(gathered).ConfigureAwait(false);
    }

    private async ValueTask FlushAsync(GatheredSend gathered)
    {
        var bytes = gathered.Bytes;
        if (await gathered.SendAsync(socket).ConfigureAwait(false) != bytes)
            throw new SocketException((int)SocketError.ConnectionReset);

        activity.Touch();
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> memory)
    {
        while (!memory.IsEmpty)
        {
            var sent = await socket.SendAsync(memory[..Math.Min(memory.Length, SendBytes)], SocketFlags.None, CancellationToken.None).ConfigureAwait(false);
            memory = memory[sent..];
            activity.Touch();
        }
    }
}
