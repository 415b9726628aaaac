using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Tests.Golden;

/// <summary>Reads and writes frames of an API that is known only at run time.</summary>
internal abstract class ApiCodec
{
    private static readonly Dictionary<string, ApiCodec?> Known = [];

    /// <summary>The codec of an API by its name, or null where the API is not declared.</summary>
    public static ApiCodec? Find(string api)
    {
        lock (Known)
        {
            if (!Known.TryGetValue(api, out var codec))
                Known[api] = codec = Make(api);

            return codec;
        }
    }

    public static ApiCodec Of(string api) => Find(api) ?? throw new InvalidOperationException($"{api} is not declared");

    public abstract IMessage ReadRequest(byte[] frame, short version);

    public abstract IMessage ReadResponse(byte[] frame, short version);

    /// <summary>A request with its size and header.</summary>
    public abstract byte[] WriteRequest(IMessage request, short version, int correlationId, string? clientId);

    private static ApiCodec? Make(string api)
    {
        var assembly = typeof(IMessage).Assembly;
        var name = typeof(IMessage).Namespace + "." + api;
        return assembly.GetType(name + "RequestData") is { } request && assembly.GetType(name + "ResponseData") is { } response
            ? (ApiCodec)Activator.CreateInstance(typeof(Typed<,>).MakeGenericType(request, response))!
            : null;
    }

    private sealed class Typed<TRequest, TResponse> : ApiCodec
        where TRequest : class, IRequestMessage, IMessage<TRequest>
        where TResponse : class, IResponseMessage, IMessage<TResponse>
    {
        public override IMessage ReadRequest(byte[] frame, short version)
        {
            var reader = new MessageReader(frame);
            RequestHeaderData.Read(ref reader, ApiCatalog.RequestHeaderVersion(TRequest.ApiKey, version));
            return Body<TRequest>(frame, reader.Remaining, version);
        }

        public override IMessage ReadResponse(byte[] frame, short version)
        {
            var reader = new MessageReader(frame);
            ResponseHeaderData.Read(ref reader, ApiCatalog.ResponseHeaderVersion(TResponse.ApiKey, version));
            return Body<TResponse>(frame, reader.Remaining, version);
        }

        public override byte[] WriteRequest(IMessage request, short version, int correlationId, string? clientId)
        {
            using var buffer = new MessageBuffer();
            MessageFrame.WriteRequest(buffer, (TRequest)request, version, correlationId, clientId);
            return buffer.ToArray();
        }

        private static T Body<T>(byte[] frame, int remaining, short version)
            where T : class, IMessage<T>
        {
            var reader = new MessageReader(frame.AsMemory(frame.Length - remaining));
            return T.Read(ref reader, version) ?? throw new InvalidDataException($"{typeof(T).Name} v{version}: {reader.Fault} in {Convert.ToHexString(frame)}");
        }
    }
}
