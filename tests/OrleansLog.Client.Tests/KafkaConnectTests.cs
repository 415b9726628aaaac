using Microsoft.Extensions.Logging.Abstractions;
using OrleansLog.Protocol.Messages;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Client.Tests;

/// <summary>The first words with a broker: versions, what is no broker, and who answers when one is gone.</summary>
public sealed class KafkaConnectTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = Eventually.Hang;
    private readonly FakeKafkaBroker _broker = new();
    private readonly KafkaTransport _transport;

    public KafkaConnectTests()
    {
        _transport = NewTransport(_broker.Address);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        await _transport.DisposeAsync();
    }

    [Fact]
    public async Task A_broker_that_knows_only_older_ApiVersions_is_asked_again()
    {
        _broker.OnRequest = request =>
        {
            if (request.Key != ApiKey.ApiVersions || request.Version == 0)
                return FakeKafkaBroker.Ordinary;
            var refusal = new ApiVersionsResponseData { ErrorCode = ErrorCode.UnsupportedVersion, ApiKeys = [FakeKafkaBroker.Api(ApiKey.ApiVersions, 0, 0)] };
            return new(request.Answer(refusal, version: 0));
        };
        Assert.Equal(ErrorCode.None, (await ProduceAsync()).Error);
        Assert.Contains(_broker.Requests, static request => request is { Key: ApiKey.ApiVersions, Version: 0 });
    }

    [Fact]
    public async Task A_broker_that_is_too_old_is_named_with_what_is_missing()
    {
        _broker.Versions.ApiKeys.RemoveAll(static api => api.ApiKey == (short)ApiKey.Produce);
        _broker.Versions.ApiKeys.Add(FakeKafkaBroker.Api(ApiKey.Produce, 0, 2));
        var result = await ProduceAsync();
        Assert.Equal((ErrorCode.UnsupportedVersion, ProduceOutcome.NotStored), (result.Error, result.Outcome));
        Assert.Contains("0 to 2", result.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP")]
    [InlineData("\u0015\u0003\u0003\u0000\u0002\u0002\u0046\u0000", "TLS")]
    [InlineData("SSH-2.0-OpenSSH_9.6\r\n", "not answer as a Kafka broker")]
    public async Task What_is_no_broker_is_called_so(string answer, string expected)
    {
        _broker.OnRequest = _ => new(System.Text.Encoding.Latin1.GetBytes(answer));
        var error = await Assert.ThrowsAsync<LogException>(() => _transport.ConnectAsync(default).WaitAsync(Patience));
        Assert.Equal(ErrorCode.UnsupportedVersion, error.Code);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nobody_listens_the_error_names_every_address()
    {
        using var closed = new ReservedPort();
        await using var transport = NewTransport(closed.Address, "no.such.host.invalid:9092");
        var error = await Assert.ThrowsAsync<LogException>(() => transport.GetMetadataAsync([], -1, default).AsTask().WaitAsync(Patience));
        Assert.Equal(ErrorCode.NetworkException, error.Code);
        Assert.Contains($"{closed.Address} (connection refused)", error.Message, StringComparison.Ordinal);
        Assert.Contains("no.such.host.invalid:9092 (unknown host)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_bootstrap_server_answers_for_one_that_is_gone()
    {
        using var gone = new ReservedPort();
        await using var transport = NewTransport(gone.Address, _broker.Address);
        await transport.ConnectAsync(default).WaitAsync(Patience);
    }

    private static KafkaTransport NewTransport(params string[] addresses) =>
        new(new LogClientOptions { BootstrapServers = [.. addresses] }, TimeProvider.System, new ClientLog(NullLogger.Instance));

    private async Task<ProduceResult> ProduceAsync()
    {
        using var builder = new RecordBatchBuilder(new RecordBatchBuilderOptions());
        Assert.True(builder.TryAppend(1, default, keyIsNull: true, [1], valueIsNull: false));
        return await _transport.ProduceAsync(
            new ProduceRequest { Partition = new TopicPartition("t", 0), Batch = builder.Build().ToArray(), Acks = Acks.Leader }, default).AsTask().WaitAsync(Patience);
    }
}
