using OrleansLog.Core.Configuration;
using OrleansLog.Grains;

namespace OrleansLog.Kafka.Data;

/// <summary>
/// Where requests for records go: to this broker's own partitions, so that a client with old metadata is told to look for the
/// leader; in gateway mode to whichever broker leads (D9).
/// </summary>
internal sealed class DataPath(BrokerHost broker, ILogTransport transport, BrokerConfig config)
{
    private readonly bool _isGateway = config.IsGateway;

    public ValueTask<ProduceResult> ProduceAsync(ProduceRequest request) =>
        _isGateway ? transport.ProduceAsync(request, CancellationToken.None) : broker.Local.ProduceAsync(request, isAwaitedBriefly: true);

    public ValueTask<FetchResult> FetchAsync(FetchRequest request, CancellationToken aborted) =>
        _isGateway ? transport.FetchAsync(request, aborted) : broker.Local.FetchAsync(request, aborted);

    public ValueTask<ListOffsetsResult[]> ListOffsetsAsync(ListOffsetsQuery[] queries, IsolationLevel isolation, CancellationToken aborted) =>
        _isGateway ? transport.ListOffsetsAsync(queries, isolation, aborted) : broker.Local.ListOffsetsAsync(queries, isolation);

    public LeaderEpochEnd OffsetForLeaderEpoch(TopicPartition partition, int currentLeaderEpoch, int leaderEpoch) =>
        broker.Local.OffsetForLeaderEpoch(partition, currentLeaderEpoch, leaderEpoch);
}
