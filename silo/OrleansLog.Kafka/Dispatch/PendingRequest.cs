using OrleansLog.Kafka.Network;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Dispatch;

/// <summary>A request from its arrival to its answer. Times are as <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/> counts.</summary>
internal sealed class PendingRequest(RequestFrame frame, IApiHandler handler, RequestContext context, int bodyAt)
{
    public RequestFrame Frame => frame;

    public IApiHandler Handler => handler;

    public RequestContext Context => context;

    /// <summary>The bytes behind the header.</summary>
    public Memory<byte> Body => frame.Bytes[bodyAt..];

    /// <summary>The answer; null where there is none.</summary>
    public IMessage? Response { get; set; }

    /// <summary>True once there is an answer, or certainly none; under the queue's lock.</summary>
    public bool IsDone { get; set; }

    /// <summary>When its handler was called.</summary>
    public long StartedAt { get; set; }

    /// <summary>When the handler first gave the thread back.</summary>
    public long ReturnedAt { get; set; }

    /// <summary>When the answer was there.</summary>
    public long DoneAt { get; set; }

    /// <summary>Version of the answer: the request's, but for an ApiVersions request in a version that nobody knows.</summary>
    public short AnswerVersion { get; init; } = context.ApiVersion;

    /// <summary>Bytes of the answer on the wire.</summary>
    public int AnswerBytes { get; set; }

    /// <summary>Gives back the memory of the request and of the answer.</summary>
    public void Release()
    {
        Context.Owned?.Dispose();
        frame.Dispose();
    }
}
