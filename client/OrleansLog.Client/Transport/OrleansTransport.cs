using System.Net.Sockets;
using Orleans.Runtime;

namespace OrleansLog.Client;

/// <summary>
/// The transport over Orleans: metadata and administration from the gateway grain of the silo that the client is connected to,
/// data from the broker grain of the leader. Broken connections become values, as <see cref="ILogTransport"/> asks.
/// </summary>
internal sealed partial class OrleansTransport : ILogTransport, IAdminTransport, IGroupTransport
{
    private readonly IGrainFactory _grains;
    private readonly LeaderRouter _router;

    public OrleansTransport(IGrainFactory grains)
    {
        _grains = grains;
        _router = new LeaderRouter((topics, cancellationToken) => GetMetadataAsync(topics, -1, cancellationToken));
    }

    private IGatewayGrain Gateway => TryFindGateway(_grains) ?? throw new LogException(
        ErrorCode.NetworkException, "None of the silos that this client is connected to is a broker, or none has started yet; AddOrleansLog() makes one.");

    /// <summary>The door to the cluster; null while no silo that the client knows has it.</summary>
    internal static IGatewayGrain? TryFindGateway(IGrainFactory grains)
    {
        try
        {
            return grains.GetGrain<IGatewayGrain>(0);
        }
        catch (ArgumentException)
        {
            // Orleans' word for an interface that no silo of the manifest implements; a silo that starts just now has an empty one.
            return null;
        }
    }

    public async ValueTask<ClusterMetadata> GetMetadataAsync(string[]? topics, long minVersion, CancellationToken cancellationToken)
    {
        var metadata = await AskAsync(Gateway.GetMetadataAsync(topics, minVersion), cancellationToken).ConfigureAwait(false);
        _router.Learn(metadata);
        return metadata;
    }

    public ValueTask<ClusterMetadata> DescribeClusterAsync(long minVersion, CancellationToken cancellationToken) =>
        AskAsync(Gateway.DescribeClusterAsync(minVersion), cancellationToken);

    public ValueTask<ClusterMetadata> DescribeTopicsAsync(string[]? topics, long minVersion, CancellationToken cancellationToken) =>
        GetMetadataAsync(topics, minVersion, cancellationToken);

    public ValueTask<TopicResults> CreateTopicsAsync(NewTopic[] topics, bool validateOnly, CancellationToken cancellationToken) =>
        AskAsync(Gateway.CreateTopicsAsync(topics, validateOnly), cancellationToken);

    public ValueTask<TopicResults> DeleteTopicsAsync(string[] topics, CancellationToken cancellationToken) =>
        AskAsync(Gateway.DeleteTopicsAsync(topics), cancellationToken);

    public ValueTask<TopicResults> CreatePartitionsAsync(NewPartitions[] topics, bool validateOnly, CancellationToken cancellationToken) =>
        AskAsync(Gateway.CreatePartitionsAsync(topics, validateOnly), cancellationToken);

    public ValueTask<ConfigDescription[]> DescribeConfigsAsync(ConfigResource[] resources, CancellationToken cancellationToken) =>
        AskAsync(Gateway.DescribeConfigsAsync(resources), cancellationToken);

    public ValueTask<ConfigAlterationResults> AlterConfigsAsync(
        ConfigAlteration[] alterations, bool validateOnly, CancellationToken cancellationToken) =>
        AskAsync(Gateway.AlterConfigsAsync(alterations, validateOnly), cancellationToken);

    public ValueTask<TopicResults> AcceptLossAsync(TopicPartition partition, CancellationToken cancellationToken) =>
        AskAsync(Gateway.AcceptLossAsync(partition), cancellationToken);

    public ValueTask<InitProducerIdResult> InitProducerIdAsync(InitProducerIdRequest request, CancellationToken cancellationToken) =>
        AskAsync(Gateway.InitProducerIdAsync(request), cancellationToken);

    public ValueTask<LogDirDescription[]> DescribeLogDirsAsync(int brokerId, CancellationToken cancellationToken) =>
        AskAsync(Broker(brokerId).DescribeLogDirsAsync(), cancellationToken);

    /// <summary>What a failed call means.</summary>
    internal static (ErrorCode Code, string Message) Translate(Exception error) => error switch
    {
        TimeoutException => (ErrorCode.RequestTimedOut, "The silo did not answer in time."),
        OrleansException or SocketException or IOException or ObjectDisposedException =>
            (ErrorCode.NetworkException, $"The silo cannot be reached: {error.Message}"),
        _ => (ErrorCode.UnknownServerError, $"The silo failed: {error.Message}"),
    };

    private static async ValueTask<T> AskAsync<T>(ValueTask<T> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call.AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            var (code, message) = Translate(error);
            throw new LogException(code, message, error);
        }
    }

    private IBrokerGrain Broker(int brokerId) => _grains.GetGrain<IBrokerGrain>(brokerId);
}
