namespace OrleansLog.Protocol.Messages;

/// <summary>Whole frames: a 4-byte size, the header, the message.</summary>
public static class MessageFrame
{
    /// <summary>Bytes of the size in front of every frame; the size does not count itself.</summary>
    public const int SizeBytes = 4;

    /// <summary>Writes a request with its size and header behind what <paramref name="buffer"/> has; returns the size written.</summary>
    public static int WriteRequest<TRequest>(MessageBuffer buffer, TRequest request, short version, int correlationId, string? clientId)
        where TRequest : class, IRequestMessage
    {
        ArgumentNullException.ThrowIfNull(buffer);
        ArgumentNullException.ThrowIfNull(request);
        long before = buffer.Length;
        int start = Begin(buffer, out MessageWriter writer);
        short headerVersion = ApiCatalog.RequestHeaderVersion(TRequest.ApiKey, version);
        writer.WriteInt16((short)TRequest.ApiKey);
        writer.WriteInt16(version);
        writer.WriteInt32(correlationId);
        writer.WriteNullableString(clientId, flexible: false);
        if (headerVersion >= 2) writer.WriteUnsignedVarint(0);
        request.Write(ref writer, version);
        return End(buffer, start, before);
    }

    /// <summary>Writes a response with its size and header behind what <paramref name="buffer"/> has; returns the size written.</summary>
    public static int WriteResponse<TResponse>(MessageBuffer buffer, TResponse response, short version, int correlationId)
        where TResponse : class, IResponseMessage
    {
        ArgumentNullException.ThrowIfNull(buffer);
        ArgumentNullException.ThrowIfNull(response);
        long before = buffer.Length;
        int start = Begin(buffer, out MessageWriter writer);
        writer.WriteInt32(correlationId);
        if (ApiCatalog.ResponseHeaderVersion(TResponse.ApiKey, version) >= 1) writer.WriteUnsignedVarint(0);
        response.Write(ref writer, version);
        return End(buffer, start, before);
    }

    private static int Begin(MessageBuffer buffer, out MessageWriter writer)
    {
        int start = buffer.Count;
        writer = new MessageWriter(buffer);
        writer.WriteInt32(0);
        return start;
    }

    private static int End(MessageBuffer buffer, int start, long before)
    {
        int size = checked((int)(buffer.Length - before - SizeBytes));
        buffer.PatchInt32(start, size);
        return size;
    }
}
