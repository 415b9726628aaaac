using OrleansLog.Core.Configuration;
using OrleansLog.Core.Controller;
using OrleansLog.Grains;
using OrleansLog.Kafka.Dispatch;
using OrleansLog.Kafka.Listening;
using OrleansLog.Protocol;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Admin;

/// <summary>DescribeCluster: the brokers at the addresses of the client's listener (KIP-700, KIP-919, KIP-1073).</summary>
internal sealed class DescribeClusterHandler(MetadataCache metadata, ClientEndpoints endpoints, BrokerConfig config)
    : ApiHandler<DescribeClusterRequestData, DescribeClusterResponseData>
{
    private const sbyte Brokers = 1;
    private const sbyte Controllers = 2;

    protected override ValueTask<DescribeClusterResponseData?> HandleAsync(DescribeClusterRequestData request, RequestContext context)
    {
        if (request.EndpointType != Brokers)
        {
            var error = request.EndpointType == Controllers ? ErrorCode.MismatchedEndpointType : ErrorCode.UnsupportedEndpointType;
            context.NoteError(error);
            return new(Fail(request, error));
        }

        var image = metadata.Current;
        var response = new DescribeClusterResponseData
        {
            ClusterId = image.ClusterId,
            ControllerId = image.ControllerIdTold(config.NodeId),
            ClusterAuthorizedOperations = request.IncludeClusterAuthorizedOperations ? AuthorizedOperations.OnCluster : int.MinValue,
        };
        foreach (var broker in image.Brokers.Values)
        {
            if ((!broker.Fenced || request.IncludeFencedBrokers) && endpoints.Of(broker, context) is { } endpoint)
                response.Brokers.Add(Describe(broker, endpoint));
        }

        return new(response);
    }

    protected override DescribeClusterResponseData Fail(DescribeClusterRequestData request, ErrorCode error) =>
        new() { ErrorCode = error, ErrorMessage = error.Describe(), EndpointType = request.EndpointType };

    private static DescribeClusterResponseData.DescribeClusterBroker Describe(BrokerImage broker, (string Host, int Port) endpoint) => new()
    {
        BrokerId = broker.Id,
        Host = endpoint.Host,
        Port = endpoint.Port,
        Rack = broker.Rack,
        IsFenced = broker.Fenced,
    };
}
