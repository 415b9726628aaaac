using System.Buffers.Binary;
using System.Text;
using OrleansLog.Kafka.Network;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Dispatch;

/// <summary>Reads requests from their frames. Whatever the bytes are, there is a request or a reason (S12).</summary>
internal static class RequestReader
{
    /// <summary>API key, version, correlation id: the part of the header that never changes.</summary>
    private const int FixedHeaderBytes = 8;

    /// <summary>Reads the header; null with the reason when the connection has to end, as Kafka ends it.</summary>
    public static PendingRequest? ReadHeader(RequestFrame frame, ApiTable apis, ConnectionState connection, out string refusal)
    {
        refusal = "";
        var bytes = frame.Bytes;
        if (bytes.Length < FixedHeaderBytes)
        {
            refusal = "it is too short for a header";
            return null;
        }

        var key = BinaryPrimitives.ReadInt16BigEndian(bytes.Span);
        var version = BinaryPrimitives.ReadInt16BigEndian(bytes.Span[sizeof(short)..]);
        if (apis.Find(key) is not { } handler)
        {
            refusal = $"there is no API {key} here";
            return null;
        }

        if (version < handler.MinVersion || version > handler.MaxVersion)
            return UnknownVersion(frame, handler, version, connection, out refusal);

        // A client id is only told and counted: it need not be UTF-8, and is no reason to lose a client.
        var reader = new MessageReader(bytes) { ReplacesInvalidUtf8 = true };
        var header = RequestHeaderData.Read(ref reader, ApiCatalog.RequestHeaderVersion(handler.ApiKey, version));
        if (header is null)
        {
            refusal = $"its header is not valid: {reader.Fault.Describe()}";
            return null;
        }

        connection.ClientId = ThatFits(header.ClientId);
        return new PendingRequest(frame, handler, Context(connection, version, header.CorrelationId, connection.ClientId), reader.Position);
    }

    /// <summary>A replaced byte becomes three, and the record of a group's member has room for as many as the header of a request.</summary>
    private static string? ThatFits(string? clientId) =>
        clientId is { Length: > short.MaxValue / 3 } && Encoding.UTF8.GetByteCount(clientId) > short.MaxValue ? clientId[..(short.MaxValue / 3)] : clientId;

    /// <summary>Reads the body; null with the reason when the connection has to end.</summary>
    public static IMessage? ReadBody(PendingRequest request, StringCache strings, out string refusal)
    {
        if (request.AnswerVersion != request.Context.ApiVersion)
        {
            refusal = "";
            return new ApiVersionsRequestData();
        }

        var reader = new MessageReader(request.Body, strings) { IgnoresTrailingBytes = true };
        var message = request.Handler.Read(ref reader, request.Context.ApiVersion);
        refusal = message is not null ? "" : $"its {request.Handler.ApiKey} version {request.Context.ApiVersion} is not valid: {reader.Fault.Describe()}";
        return message;
    }

    /// <summary>Only ApiVersions answers a version that it does not know: in version 0, so that the client learns what there is (KIP-35).</summary>
    private static PendingRequest? UnknownVersion(
        RequestFrame frame, IApiHandler handler, short version, ConnectionState connection, out string refusal)
    {
        if (handler.ApiKey != ApiKey.ApiVersions || version < 0)
        {
            refusal = $"{handler.ApiKey} is served in versions {handler.MinVersion} to {handler.MaxVersion}, not {version}";
            return null;
        }

        refusal = "";
        var correlationId = BinaryPrimitives.ReadInt32BigEndian(frame.Bytes.Span[sizeof(int)..]);
        return new PendingRequest(frame, handler, Context(connection, version, correlationId, null), FixedHeaderBytes) { AnswerVersion = 0 };
    }

    private static RequestContext Context(ConnectionState connection, short version, int correlationId, string? clientId) => new()
    {
        ApiVersion = version,
        CorrelationId = correlationId,
        ClientId = clientId,
        Connection = connection,
    };
}
