using System.Text;
using Microsoft.Extensions.Time.Testing;
using OrleansLog.Protocol.Messages;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Client.Tests;

/// <summary>Over a socket: a leader that appends a batch, loses its leadership, and says that it does not lead.</summary>
public sealed class LeadershipLostAfterAppendTests : IAsyncLifetime
{
    private readonly FakeKafkaBroker _broker = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private readonly List<(short Epoch, int Sequence, string Value)> _log = [];
    private volatile bool _hasLeader;

    public Task InitializeAsync()
    {
        _broker.Versions.ApiKeys.Add(FakeKafkaBroker.Api(ApiKey.InitProducerId, 0, 4));
        _broker.OnRequest = request => request.Key switch
        {
            ApiKey.InitProducerId => new(request.Answer(new InitProducerIdResponseData { ProducerId = 7, ProducerEpoch = 0 })),
            ApiKey.Produce => new(request.Answer(Produced(request.Read<ProduceRequestData>()))),
            _ => FakeKafkaBroker.Ordinary,
        };
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Fact]
    public async Task Its_number_is_given_to_no_other_batch()
    {
        await using var client = Connect();
        await using var producer = client.CreateProducer<Unit, string>(new ProducerOptions { LingerMs = 0 });
        var first = producer.ProduceAsync("t", default, "A").AsTask();
        await PassTimeUntil(() => _broker.Count(ApiKey.Produce) >= 2);
        _time.Advance(TimeSpan.FromMinutes(2)); // No answer will settle it any more.
        await PassTimeUntil(() => first.IsCompleted);
        var told = await Assert.ThrowsAsync<DeliveryUnknownException>(() => first);
        Assert.Contains("may or may not be in the log", told.Message, StringComparison.Ordinal);

        _hasLeader = true;
        var second = producer.ProduceAsync("t", default, "B").AsTask();
        await PassTimeUntil(() => second.IsCompleted);
        Assert.Equal(1, (await second).Offset);
        Assert.Equal([(0, 0, "A"), (1, 0, "B")], _log);
    }

    [Fact]
    public async Task Without_idempotence_it_is_not_sent_again()
    {
        await using var client = Connect();
        await using var producer = client.CreateProducer<Unit, string>(new ProducerOptions { LingerMs = 0, EnableIdempotence = false, DeliveryTimeoutMs = 20_000 });
        var produced = producer.ProduceAsync("t", default, "A").AsTask();
        await PassTimeUntil(() => produced.IsCompleted);
        await Assert.ThrowsAsync<DeliveryUnknownException>(() => produced);
        Assert.Equal(1, _broker.Count(ApiKey.Produce));
    }

    private ILogClient Connect() => LogClient.OverKafka(new LogClientOptions { BootstrapServers = [_broker.Address] }, _time, null);

    // A little time at each look: what waits for the clock gets it, and what waits for the socket does not run out of it.
    private Task PassTimeUntil(Func<bool> condition) => Eventually.UntilAsync(() =>
    {
        if (condition())
            return true;
        _time.Advance(TimeSpan.FromMilliseconds(1));
        return false;
    });

    private ProduceResponseData Produced(ProduceRequestData request)
    {
        var partition = request.TopicData[0].PartitionData[0];
        using var records = BatchRecords.Open(partition.Records!.Value, int.MaxValue, out _)!;
        var value = "";
        foreach (ref readonly var record in records)
            value = Encoding.UTF8.GetString(record.Value.Span);
        var (epoch, sequence) = (records.Header.ProducerEpoch, records.Header.BaseSequence);
        int offset;
        lock (_log)
        {
            offset = _log.FindIndex(stored => (stored.Epoch, stored.Sequence) == (epoch, sequence));
            if (offset < 0 && (_hasLeader || _log.Count == 0))
            {
                offset = _log.Count;
                _log.Add((epoch, sequence, value));
            }
        }

        var error = _hasLeader ? ErrorCode.None : ErrorCode.NotLeaderOrFollower;
        return new ProduceResponseData
        {
            Responses = [new() { Name = "t", PartitionResponses = [new() { Index = partition.Index, ErrorCode = error, BaseOffset = _hasLeader ? offset : -1 }] }],
        };
    }
}
