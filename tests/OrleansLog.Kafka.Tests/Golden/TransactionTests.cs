using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Tests.Golden;

/// <summary>tests/golden/frames: what transactional producers asked Apache Kafka for. Until there are transactions, each gets an error that it shows.</summary>
public sealed class TransactionTests
{
    [Fact]
    public async Task Every_recorded_request_of_a_transaction_gets_an_error_that_no_client_tries_again()
    {
        await using var broker = await KafkaBroker.StartAsync(RecordedBroker.Settings);
        using var client = await broker.ConnectAsync();
        var asked = 0;
        foreach (var exchange in RecordedExchange.Clients.SelectMany(RecordedExchange.Of).Where(SkippedExchanges.IsTransactional))
        {
            await client.SendFrameAsync(ApiCodec.Of(exchange.Api).WriteRequest(exchange.ReadRequest(), exchange.Version, exchange.Correlation, exchange.ClientId));
            var frame = await client.ReceiveFrameAsync();
            Assert.True(frame is not null, $"{exchange}: the connection was closed");
            var errors = ErrorsOf(ApiCodec.Of(exchange.Api).ReadResponse(frame, exchange.Version)).ToList();
            Assert.True(errors.Count > 0 && errors.TrueForAll(error => error is ErrorCode.TransactionalIdAuthorizationFailed), $"{exchange}: {string.Join(", ", errors)}");
            asked++;
        }

        Assert.InRange(asked, 20, 200);
    }

    private static IEnumerable<ErrorCode> ErrorsOf(IMessage response) => response switch
    {
        InitProducerIdResponseData init => [init.ErrorCode],
        ProduceResponseData produce => produce.Responses.SelectMany(topic => topic.PartitionResponses).Select(partition => partition.ErrorCode),
        FindCoordinatorResponseData { Coordinators.Count: > 0 } find => find.Coordinators.Select(coordinator => coordinator.ErrorCode),
        FindCoordinatorResponseData find => [find.ErrorCode],
        _ => [],
    };
}
