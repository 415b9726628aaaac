using OrleansLog.Protocol.Messages;

namespace OrleansLog.Client;

/// <summary>A request on its way through a connection. Exactly one of <see cref="Complete"/>, <see cref="Sent"/> and <see cref="Fail"/> ends it.</summary>
internal abstract class KafkaCall
{
    public abstract ApiKey ApiKey { get; }

    /// <summary>Lowest version of the request that this client speaks.</summary>
    public abstract short MinVersion { get; }

    /// <summary>Highest version of the request that this client speaks.</summary>
    public abstract short MaxVersion { get; }

    /// <summary>False: nothing comes back, and the call is over once it is sent (acks=0).</summary>
    public virtual bool HasAnswer => true;

    /// <summary>True: the call gives the answer's memory back itself. False: the garbage collector does.</summary>
    public virtual bool UsesPooledFrame => false;

    /// <summary>True: nobody waits any more, so it need not be sent.</summary>
    public virtual bool IsAbandoned => false;

    /// <summary>How long the broker may wait on purpose, in milliseconds.</summary>
    public virtual int WaitMs => 0;

    /// <summary>The version that was agreed on.</summary>
    public short Version { get; private set; }

    public int CorrelationId { get; private set; }

    /// <summary>Timestamp at which it was written.</summary>
    public long StartedAt { get; private set; }

    /// <summary>Timestamp at which the connection gives up on it.</summary>
    public long DeadlineAt { get; private set; }

    /// <summary>True from the moment its bytes may have left.</summary>
    public bool WasSent { get; private set; }

    /// <summary>The version to send, or a negative number when there is none that both sides speak.</summary>
    public virtual short Negotiate(ApiVersionTable versions) => versions.Choose(ApiKey, MinVersion, MaxVersion);

    /// <summary>Takes waiting calls of the same kind along in one request.</summary>
    public virtual void Absorb(Queue<KafkaCall> waiting)
    {
    }

    /// <summary>Writes the body.</summary>
    public abstract void Write(ref MessageWriter writer);

    /// <summary>Takes the answer; the frame is the call's from now on.</summary>
    public abstract MessageFault Complete(Frame frame, ref MessageReader reader);

    /// <summary>It was sent, and there is no answer to wait for.</summary>
    public virtual void Sent() => throw new InvalidOperationException("This call has an answer.");

    public abstract void Fail(KafkaFailure failure);

    internal void Start(short version, int correlationId, long startedAt, long deadlineAt)
    {
        StartedAt = startedAt;
        Version = version;
        CorrelationId = correlationId;
        DeadlineAt = deadlineAt;
        WasSent = true;
    }

    /// <summary>Readies a pooled call for another use.</summary>
    protected void Restart() => WasSent = false;
}

/// <summary>A request whose answer is an object.</summary>
internal sealed class KafkaCall<TRequest, TResponse>(TRequest request, short minVersion, short maxVersion, int waitMs = 0) : KafkaCall
    where TRequest : class, IRequestMessage, IMessage<TRequest>
    where TResponse : class, IResponseMessage, IMessage<TResponse>
{
    private readonly TaskCompletionSource<KafkaAnswer<TResponse>> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isAbandoned;

    public override ApiKey ApiKey => TRequest.ApiKey;

    public override short MinVersion => minVersion;

    public override short MaxVersion => maxVersion;

    public override int WaitMs => waitMs;

    public override bool IsAbandoned => _isAbandoned;

    public Task<KafkaAnswer<TResponse>> Answer => _answer.Task;

    public void Abandon() => _isAbandoned = true;

    public override void Write(ref MessageWriter writer) => request.Write(ref writer, Version);

    public override MessageFault Complete(Frame frame, ref MessageReader reader)
    {
        var response = TResponse.Read(ref reader, Version);
        if (response is null)
            return reader.Fault; // The connection breaks, and fails this call with it.
        _answer.TrySetResult(new KafkaAnswer<TResponse>(response, null, WasSent: true));
        return MessageFault.None;
    }

    public override void Fail(KafkaFailure failure) => _answer.TrySetResult(new KafkaAnswer<TResponse>(null, failure, WasSent));
}
