using OrleansLog.Kafka.Diagnostics;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Dispatch;

/// <summary>Base of the handlers: the types, and what becomes of an exception.</summary>
/// <typeparam name="TRequest">The request.</typeparam>
/// <typeparam name="TResponse">The answer.</typeparam>
internal abstract class ApiHandler<TRequest, TResponse> : IApiHandler
    where TRequest : class, IRequestMessage, IMessage<TRequest>
    where TResponse : class, IResponseMessage
{
    public ApiKey ApiKey => TRequest.ApiKey;

    public virtual string MetricName => ApiCatalog.NameOf(TRequest.ApiKey);

    public virtual short MinVersion => TRequest.LowestVersion;

    public virtual short MaxVersion => TRequest.HighestVersion;

    public virtual bool MayOverlap => false;

    public virtual bool WaitsAsAsked => false;

    public virtual IMessage? Read(ref MessageReader reader, short version) => TRequest.Read(ref reader, version);

    public virtual ValueTask<IMessage?> HandleAsync(IMessage request, RequestContext context)
    {
        var typed = (TRequest)request;
        try
        {
            var handling = HandleAsync(typed, context);
            return handling.IsCompletedSuccessfully ? new ValueTask<IMessage?>(handling.Result) : AwaitAsync(handling, typed, context);
        }
        catch (Exception error)
        {
            return new ValueTask<IMessage?>(Failed(error, typed, context));
        }
    }

    /// <summary>Answers the request; null for no answer. Runs on the connection's receiving thread until its first wait.</summary>
    protected abstract ValueTask<TResponse?> HandleAsync(TRequest request, RequestContext context);

    /// <summary>The answer with one error in every place that has one; null where the request has none.</summary>
    protected abstract TResponse? Fail(TRequest request, ErrorCode error);

    private async ValueTask<IMessage?> AwaitAsync(ValueTask<TResponse?> handling, TRequest request, RequestContext context)
    {
        try
        {
            return await handling.ConfigureAwait(false);
        }
        catch (Exception error)
        {
            return Failed(error, request, context);
        }
    }

    /// <summary>The answer to a request that is refused as a whole. Where a request has no answer, the end of the connection tells of it.</summary>
    protected TResponse? Refuse(TRequest request, ErrorCode error, RequestContext context)
    {
        context.NoteError(error);
        var answer = Fail(request, error);
        if (answer is null)
            context.CloseConnection();

        return answer;
    }

    /// <summary>What went wrong is the broker's to know; the client learns that something did.</summary>
    private TResponse? Failed(Exception error, TRequest request, RequestContext context)
    {
        var code = error is OperationCanceledException && context.Aborted.IsCancellationRequested ? ErrorCode.NetworkException
            : error is TimeoutException ? ErrorCode.RequestTimedOut
            : ErrorCode.UnknownServerError;
        if (code == ErrorCode.UnknownServerError)
            context.Logger.HandlerFailed(ApiKey, context.ApiVersion, context.Remote, error);

        return Refuse(request, code, context);
    }
}
