using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Tests.Golden;

/// <summary>What of a recording is not said to our broker, and why.</summary>
internal static class SkippedExchanges
{
    public static bool IsSkipped(RecordedExchange exchange, IReadOnlySet<short> served) =>
        !served.Contains((short)exchange.Key) || IsTransactional(exchange) || IsOfConsumerProtocol(exchange) || ContinuesSession(exchange);

    /// <summary>Answered with an error of their own: <see cref="TransactionTests"/>.</summary>
    public static bool IsTransactional(RecordedExchange exchange) => ApiCodec.Find(exchange.Api) is not null && exchange.ReadRequest() switch
    {
        InitProducerIdRequestData { TransactionalId: not null } => true,
        ProduceRequestData { TransactionalId: not null } => true,
        FindCoordinatorRequestData { KeyType: 1 } => true,
        _ => false,
    };

    /// <summary>The group of these members was made by the consumer protocol (KIP-848), which is not served.</summary>
    private static bool IsOfConsumerProtocol(RecordedExchange exchange) => exchange.ReadRequest() switch
    {
        OffsetFetchRequestData fetch => fetch.Groups.Exists(group => group.MemberId is not null),
        OffsetCommitRequestData commit => commit.GroupId.EndsWith("-next", StringComparison.Ordinal),
        _ => false,
    };

    /// <summary>Sessions are optional (KIP-227): a client that was given none, as ours gives none, never goes on with one.</summary>
    private static bool ContinuesSession(RecordedExchange exchange) => exchange.ReadRequest() is FetchRequestData { SessionEpoch: > 0 };
}
