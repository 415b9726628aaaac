using Microsoft.Extensions.DependencyInjection;
using OrleansLog.Kafka.Dispatch;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Data;

/// <summary>What this broker speaks (KIP-35, KIP-511): the registered handlers, and nothing else.</summary>
internal sealed class ApiVersionsHandler(IServiceProvider services) : ApiHandler<ApiVersionsRequestData, ApiVersionsResponseData>
{
    private readonly Lazy<List<ApiVersionsResponseData.ApiVersion>> _served = new(() =>
        [.. services.GetRequiredService<ApiTable>().All.Select(static handler => new ApiVersionsResponseData.ApiVersion
        {
            ApiKey = (short)handler.ApiKey, MinVersion = handler.MinVersion, MaxVersion = handler.MaxVersion,
        })]);

    protected override ValueTask<ApiVersionsResponseData?> HandleAsync(ApiVersionsRequestData request, RequestContext context)
    {
        if (context.ApiVersion > MaxVersion)
            return Refused(request, ErrorCode.UnsupportedVersion, context);

        if (context.ApiVersion >= 3)
        {
            if (!IsName(request.ClientSoftwareName) || !IsName(request.ClientSoftwareVersion))
                return Refused(request, ErrorCode.InvalidRequest, context);

            context.Connection.ClientSoftwareName = request.ClientSoftwareName;
            context.Connection.ClientSoftwareVersion = request.ClientSoftwareVersion;
        }

        return new(new ApiVersionsResponseData { ApiKeys = _served.Value });
    }

    protected override ApiVersionsResponseData Fail(ApiVersionsRequestData request, ErrorCode error) => new()
    {
        ErrorCode = error,
        ApiKeys = error != ErrorCode.UnsupportedVersion ? []
            : [new() { ApiKey = (short)ApiKey, MinVersion = MinVersion, MaxVersion = MaxVersion }],
    };

    private ValueTask<ApiVersionsResponseData?> Refused(ApiVersionsRequestData request, ErrorCode error, RequestContext context)
    {
        context.NoteError(error);
        return new(Fail(request, error));
    }

    /// <summary>Letters, digits, dots and dashes, the last two not at an end (KIP-511).</summary>
    private static bool IsName(string text) =>
        text.Length > 0 && char.IsAsciiLetterOrDigit(text[0]) && char.IsAsciiLetterOrDigit(text[^1])
        && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-');
}
