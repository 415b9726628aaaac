using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using OrleansLog.Protocol;
using OrleansLog.Protocol.Messages;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Client.Tests;

/// <summary>A leader that stands still: nothing breaks, and nothing comes.</summary>
public sealed class KafkaSilenceTests : IAsyncLifetime
{
    private readonly FakeKafkaBroker _silent = new();
    private readonly FakeKafkaBroker _other = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private readonly KafkaTransport _transport;
    private volatile bool _isFenced;

    public KafkaSilenceTests()
    {
        _silent.OnRequest = request => request.Key == ApiKey.Produce ? FakeKafkaBroker.Nothing : AnswerAsync(request);
        _other.OnRequest = AnswerAsync;
        _transport = new KafkaTransport(
            new LogClientOptions { BootstrapServers = [_silent.Address, _other.Address], RequestTimeoutMs = int.MaxValue }, _time, new ClientLog(NullLogger.Instance));
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _silent.DisposeAsync();
        await _other.DisposeAsync();
        await _transport.DisposeAsync();
    }

    [Fact]
    public async Task What_waits_for_it_ends_once_another_broker_says_that_it_is_no_member_and_not_before()
    {
        var produced = ProduceAsync();
        await Eventually.UntilAsync(() => _silent.Count(ApiKey.Produce) == 1);

        // As long as it is a member it may have its reasons.
        await AskOtherAsync(produced);
        await AskOtherAsync(produced);
        Assert.False(produced.IsCompleted);

        _isFenced = true;
        while (!produced.IsCompleted)
            await AskOtherAsync(produced);

        var result = await produced;
        Assert.Equal((ErrorCode.NetworkException, ProduceOutcome.Unknown), (result.Error, result.Outcome));
        await _transport.GetMetadataAsync(["t"], -1, default);
        Assert.Equal(ErrorCode.None, (await ProduceAsync()).Error);
        Assert.Equal(1, _other.Count(ApiKey.Produce));
    }

    /// <summary>Time passes until the other broker was asked once more who is of the cluster.</summary>
    private async Task AskOtherAsync(Task produced)
    {
        var asked = _other.Count(ApiKey.Metadata);
        using var limit = new CancellationTokenSource(Eventually.Hang);
        using var turn = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (_other.Count(ApiKey.Metadata) == asked && !produced.IsCompleted)
        {
            Assert.False(limit.IsCancellationRequested, "Nobody asks the other broker.");
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await turn.WaitForNextTickAsync();
        }
    }

    private async Task<ProduceResult> ProduceAsync()
    {
        using var builder = new RecordBatchBuilder(new RecordBatchBuilderOptions());
        Assert.True(builder.TryAppend(1_700_000_000_000, [], keyIsNull: true, "value"u8, valueIsNull: false));
        return await _transport.ProduceAsync(
            new ProduceRequest { Partition = new TopicPartition("t", 0), Batch = builder.Build().ToArray(), Acks = Acks.All }, default).AsTask().WaitAsync(Eventually.Hang);
    }

    private ValueTask<byte[]?> AnswerAsync(FakeRequest request)
    {
        if (request.Key != ApiKey.Metadata)
            return FakeKafkaBroker.Ordinary;

        var metadata = _other.Metadata();
        metadata.Brokers = _isFenced ? [Member(2, _other)] : [Member(1, _silent), Member(2, _other)];
        foreach (var partition in metadata.Topics[0].Partitions)
            partition.LeaderId = _isFenced ? 2 : 1;
        return new(request.Answer(metadata));
    }

    private static MetadataResponseData.MetadataResponseBroker Member(int id, FakeKafkaBroker broker) => new() { NodeId = id, Host = "127.0.0.1", Port = broker.Port };
}
