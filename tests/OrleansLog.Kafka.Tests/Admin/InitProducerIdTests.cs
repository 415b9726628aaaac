using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Tests.Admin;

/// <summary>InitProducerId (KIP-98, KIP-360) on a socket, at every version: an identity for whoever wants to be idempotent.</summary>
public sealed class InitProducerIdTests(OneBroker fixture) : IClassFixture<OneBroker>
{
    private const int WithIdentity = 3;

    public static TheoryData<short> Versions => [0, 1, 2, 3, 4, 5];

    [Theory, MemberData(nameof(Versions))]
    public async Task Everybody_gets_an_id_of_his_own_at_epoch_0(short version)
    {
        var ids = new HashSet<long>();
        for (var i = 0; i < 5; i++)
        {
            var answer = await AskAsync(new() { TransactionalId = null, TransactionTimeoutMs = 60_000 }, version);
            Assert.Equal((ErrorCode.None, (short)0, 0), (answer.ErrorCode, answer.ProducerEpoch, answer.ThrottleTimeMs));
            Assert.True(answer.ProducerId >= 0 && ids.Add(answer.ProducerId), $"{answer.ProducerId} is nobody's, or not his alone");
        }
    }

    [Theory]
    [InlineData(WithIdentity, 0)]
    [InlineData(4, 7)]
    [InlineData(5, short.MaxValue)]
    public async Task Who_has_an_id_and_an_epoch_gets_another_id_that_may_write(short version, short epoch)
    {
        var first = await AskAsync(new() { TransactionalId = null }, version);
        var second = await AskAsync(new() { TransactionalId = null, ProducerId = first.ProducerId, ProducerEpoch = epoch }, version);

        Assert.Equal((ErrorCode.None, (short)0), (second.ErrorCode, second.ProducerEpoch));
        Assert.True(second.ProducerId >= 0 && second.ProducerId != first.ProducerId, $"{first.ProducerId}, then {second.ProducerId}");
    }

    [Theory]
    [InlineData(5, -1)]
    [InlineData(-1, 0)]
    [InlineData(-2, -1)]
    [InlineData(-2, 0)]
    [InlineData(long.MinValue, short.MinValue)]
    [InlineData(-1, -2)]
    public async Task Half_an_identity_is_refused(long id, short epoch)
    {
        var answer = await AskAsync(new() { TransactionalId = null, ProducerId = id, ProducerEpoch = epoch }, WithIdentity);
        Assert.Equal((ErrorCode.InvalidRequest, -1L, (short)-1), (answer.ErrorCode, answer.ProducerId, answer.ProducerEpoch));
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_transactional_id_is_refused_for_good(short version)
    {
        var answer = await AskAsync(new() { TransactionalId = "orders-tx", TransactionTimeoutMs = 60_000 }, version);
        Assert.Equal(
            (ErrorCode.TransactionalIdAuthorizationFailed, -1L, (short)-1), (answer.ErrorCode, answer.ProducerId, answer.ProducerEpoch));
    }

    private Task<InitProducerIdResponseData> AskAsync(InitProducerIdRequestData request, short version) =>
        fixture.Client.SendAsync<InitProducerIdResponseData>(request, version);
}
