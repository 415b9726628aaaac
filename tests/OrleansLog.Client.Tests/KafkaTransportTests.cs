using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using OrleansLog.Protocol;
using OrleansLog.Protocol.Messages;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Client.Tests;

/// <summary>The socket transport against a broker that does what a test wants; the clock is the test's, too.</summary>
public sealed class KafkaTransportTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = Eventually.Hang;
    private readonly FakeKafkaBroker _broker = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private readonly KafkaTransport _transport;

    public KafkaTransportTests()
    {
        _transport = new KafkaTransport(
            new LogClientOptions { BootstrapServers = [_broker.Address], ClientId = "tests", ReceiveMaxBytes = 4 << 20 }, _time, new ClientLog(NullLogger.Instance));
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        await _transport.DisposeAsync();
    }

    [Fact]
    public async Task Metadata_names_brokers_topics_and_what_does_not_exist()
    {
        var metadata = await _transport.GetMetadataAsync(["nothing", "t"], -1, default).AsTask().WaitAsync(Patience);
        Assert.Equal(("fake", 1), (metadata.ClusterId, metadata.ControllerId));
        Assert.Equal([("nothing", ErrorCode.UnknownTopicOrPartition), ("t", ErrorCode.None)], metadata.Topics.Select(static topic => (topic.Name, topic.Error)));
        Assert.Equal(3, metadata.Topics[1].Partitions.Length);
        Assert.All(_broker.Requests, static request => Assert.Equal("tests", request.ClientId));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Answers_may_come_in_any_pieces(int piece)
    {
        _broker.OnSend = async (socket, answer) =>
        {
            for (var i = 0; i < answer.Length; i += piece)
                await socket.SendAsync(answer.AsMemory(i, Math.Min(piece, answer.Length - i)));
        };
        _broker.Records = Batch(2_000);
        await ProduceAsync(0);
        using var result = await FetchAsync();
        Assert.Equal(_broker.Records, result.Partitions[0].Records.ToArray());
        Assert.Equal((10L, 9L, 1L), (result.Partitions[0].HighWatermark, result.Partitions[0].LastStableOffset, result.Partitions[0].LogStartOffset));
    }

    [Fact]
    public async Task Several_answers_may_come_in_one_piece()
    {
        byte[]? held = null;
        _broker.OnSend = async (socket, answer) =>
        {
            var isFirst = held is null && _broker.Count(ApiKey.Produce) == 1;
            if (isFirst)
            {
                held = answer;
                return;
            }

            await socket.SendAsync(held is null ? answer : [.. held, .. answer]);
        };
        await _transport.GetMetadataAsync(["t"], -1, default);
        var first = ProduceAsync(0);
        await Eventually.UntilAsync(() => held is not null);
        await ProduceAsync(1);
        await first;
    }

    [Fact]
    public async Task Batches_that_wait_share_a_request_and_each_gets_its_own_outcome()
    {
        await ProduceAsync(0); // Connected, and the leader is known.
        var release = new TaskCompletionSource();
        _broker.OnRequest = async request =>
        {
            if (request.Key != ApiKey.Produce)
                return null;
            await release.Task;
            var data = request.Read<ProduceRequestData>();
            return request.Answer(new ProduceResponseData
            {
                Responses = [.. data.TopicData.Select(static topic => new ProduceResponseData.TopicProduceResponse
                {
                    Name = topic.Name,
                    PartitionResponses = [.. topic.PartitionData.AsEnumerable().Reverse().Select(static partition => new ProduceResponseData.PartitionProduceResponse
                    {
                        Index = partition.Index,
                        BaseOffset = 100 + partition.Index,
                        ErrorCode = partition.Index == 1 ? ErrorCode.MessageTooLarge : ErrorCode.None,
                    })],
                })],
            });
        };

        // More than the socket takes, so that what comes next waits for the writer.
        var large = Enumerable.Range(0, 40).Select(_ => ProduceAsync(0, 1 << 20)).ToArray();
        var small = Enumerable.Range(0, 3).Select(i => ProduceAsync(i)).ToArray();
        release.SetResult();
        await Task.WhenAll(large).WaitAsync(Patience);
        var outcomes = await Task.WhenAll(small).WaitAsync(Patience);
        Assert.Equal([100L, -1L, 102L], outcomes.Select(static outcome => outcome.BaseOffset));
        Assert.Equal((ErrorCode.MessageTooLarge, ProduceOutcome.NotStored), (outcomes[1].Error, outcomes[1].Outcome));
        Assert.Equal(42, _broker.Count(ApiKey.Produce));
    }

    [Fact]
    public async Task Without_acks_nobody_waits_for_an_answer()
    {
        var result = await ProduceAsync(0, acks: Acks.None);
        Assert.Equal((ProduceOutcome.Stored, -1L), (result.Outcome, result.BaseOffset));
        Assert.Equal(0, (await ProduceAsync(0)).BaseOffset);
    }

    [Theory]
    [InlineData(ErrorCode.RequestTimedOut, ProduceOutcome.Unknown)]
    [InlineData(ErrorCode.NotEnoughReplicasAfterAppend, ProduceOutcome.Unknown)]
    [InlineData(ErrorCode.NotLeaderOrFollower, ProduceOutcome.Unknown)]
    [InlineData(ErrorCode.FencedLeaderEpoch, ProduceOutcome.Unknown)]
    [InlineData(ErrorCode.UnknownLeaderEpoch, ProduceOutcome.Unknown)]
    [InlineData(ErrorCode.KafkaStorageError, ProduceOutcome.Unknown)]
    [InlineData((ErrorCode)9_999, ProduceOutcome.Unknown)]
    [InlineData(ErrorCode.NotEnoughReplicas, ProduceOutcome.NotStored)]
    [InlineData(ErrorCode.OutOfOrderSequenceNumber, ProduceOutcome.NotStored)]
    [InlineData(ErrorCode.UnknownTopicOrPartition, ProduceOutcome.NotStored)]
    [InlineData(ErrorCode.InvalidRecord, ProduceOutcome.NotStored)]
    [InlineData(ErrorCode.DuplicateSequenceNumber, ProduceOutcome.Stored)]
    public async Task An_error_says_what_became_of_the_batch(ErrorCode error, ProduceOutcome outcome)
    {
        _broker.OnRequest = request => request.Key == ApiKey.Produce ? new(request.Answer(Produced(error))) : FakeKafkaBroker.Ordinary;
        var result = await ProduceAsync(0);
        Assert.Equal((outcome == ProduceOutcome.Stored ? ErrorCode.None : error, outcome), (result.Error, result.Outcome));
    }

    [Fact]
    public async Task An_answer_names_the_records_for_which_the_batch_was_refused()
    {
        var answer = Produced(ErrorCode.InvalidTimestamp);
        answer.Responses[0].PartitionResponses[0].RecordErrors.AddRange([new() { BatchIndex = 2, BatchIndexErrorMessage = "too old" }, new() { BatchIndex = 5 }]);
        _broker.OnRequest = request => request.Key == ApiKey.Produce ? new(request.Answer(answer)) : FakeKafkaBroker.Ordinary;
        var result = await ProduceAsync(0);
        Assert.Equal([(2, "too old"), (5, ErrorCode.InvalidTimestamp.Describe())], result.RecordErrors!.Select(static bad => (bad.BatchIndex, bad.Message)));
    }

    [Fact]
    public async Task After_a_refusal_by_a_broker_that_does_not_lead_the_leader_is_looked_up_again()
    {
        await ProduceAsync(0);
        Assert.Equal(1, _broker.Count(ApiKey.Metadata));
        _broker.OnRequest = request => request.Key == ApiKey.Produce ? new(request.Answer(Produced(ErrorCode.NotLeaderOrFollower))) : FakeKafkaBroker.Ordinary;
        await ProduceAsync(0);
        _broker.OnRequest = null;
        Assert.Equal(ErrorCode.None, (await ProduceAsync(0)).Error);
        Assert.Equal(2, _broker.Count(ApiKey.Metadata));
    }

    [Fact]
    public async Task A_leader_that_metadata_gives_no_address_of_is_no_reason_to_give_up()
    {
        var metadata = _broker.Metadata();
        metadata.Topics[0].Partitions[0].LeaderId = 7;
        _broker.OnRequest = request => request.Key == ApiKey.Metadata ? new(request.Answer(metadata)) : FakeKafkaBroker.Ordinary;

        var produced = await ProduceAsync(0);
        Assert.Equal((ErrorCode.LeaderNotAvailable, ProduceOutcome.NotStored), (produced.Error, produced.Outcome));
        var asked = await _transport.ListOffsetsAsync([new ListOffsetsQuery { Partition = new("t", 0), TimestampMs = OffsetSpec.Latest }], IsolationLevel.ReadUncommitted, default);
        Assert.Equal(ErrorCode.LeaderNotAvailable, asked[0].Error);
        Assert.True(ErrorCode.LeaderNotAvailable.IsRetriable());
        _broker.OnRequest = null;
        Assert.Equal(ErrorCode.None, (await ProduceAsync(0)).Error);
    }

    [Fact]
    public async Task A_broken_connection_ends_what_is_on_it_and_the_next_request_connects_again()
    {
        await ProduceAsync(0);
        _broker.OnRequest = static request => request.Key is ApiKey.Produce or ApiKey.Fetch ? FakeKafkaBroker.Nothing : FakeKafkaBroker.Ordinary;
        var produced = ProduceAsync(0);
        var fetched = FetchAsync();
        await Eventually.UntilAsync(() => _broker.Count(ApiKey.Produce) == 2 && _broker.Count(ApiKey.Fetch) == 1);
        _broker.BreakConnections();
        var result = await produced;
        Assert.Equal((ErrorCode.NetworkException, ProduceOutcome.Unknown), (result.Error, result.Outcome));
        using var fetch = await fetched;
        Assert.Equal(ErrorCode.NetworkException, fetch.Partitions[0].Error);
        _broker.OnRequest = null;

        // Connections for questions broke too, and may not know it yet: then each says so once, and the next request is the one after.
        var broken = _broker.Connections;
        var again = await ProduceAsync(0);
        for (var i = 0; i < broken && again is { Error: ErrorCode.NetworkException, Outcome: ProduceOutcome.NotStored }; i++)
            again = await ProduceAsync(0);
        Assert.Equal(ProduceOutcome.Stored, again.Outcome);
    }

    [Fact]
    public async Task A_connection_that_ends_in_the_middle_of_an_answer_is_a_broken_one()
    {
        _broker.Records = Batch(100_000);
        _broker.OnSend = async (socket, answer) =>
        {
            await socket.SendAsync(answer.AsMemory(0, Math.Min(answer.Length, 50_000)));
            if (answer.Length > 50_000)
                socket.Dispose();
        };
        using var result = await FetchAsync();
        Assert.Equal(ErrorCode.NetworkException, result.Partitions[0].Error);
        Assert.Contains("middle of an answer", result.Partitions[0].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(+1)]
    [InlineData(-1)]
    public async Task An_answer_to_another_request_breaks_the_connection(int difference)
    {
        _broker.OnRequest = request => request.Key == ApiKey.Produce
            ? new(request.Answer(Produced(ErrorCode.None), request.CorrelationId + difference))
            : FakeKafkaBroker.Ordinary;
        var result = await ProduceAsync(0);
        Assert.Equal((ErrorCode.NetworkException, ProduceOutcome.Unknown), (result.Error, result.Outcome));
        Assert.Contains("out of order", result.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x7FFFFFFF)]
    [InlineData((4 << 20) + 1)]
    [InlineData(-1)]
    [InlineData(3)]
    public async Task An_absurd_length_breaks_the_connection(int length)
    {
        byte[] forged = new byte[64];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(forged, length);
        _broker.OnRequest = request => request.Key == ApiKey.Produce ? new(forged) : FakeKafkaBroker.Ordinary;
        var result = await ProduceAsync(0);
        Assert.Equal((ErrorCode.NetworkException, ProduceOutcome.Unknown), (result.Error, result.Outcome));
    }

    [Fact]
    public async Task A_malformed_answer_breaks_the_connection_and_nothing_else()
    {
        _broker.Records = Batch(1_000);
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            _broker.OnRequest = request =>
            {
                if (request.Key is not (ApiKey.Fetch or ApiKey.Produce))
                    return FakeKafkaBroker.Ordinary;
                var body = new byte[random.Next(0, 200)];
                random.NextBytes(body);
                byte[] answer = [.. new byte[4], .. new byte[4], .. body];
                System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(answer, answer.Length - 4);
                System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(answer.AsSpan(4), request.CorrelationId);
                return new(answer);
            };
            using var fetched = await FetchAsync();
            Assert.Single(fetched.Partitions);
            await ProduceAsync(0);
        }

        _broker.OnRequest = null;
        Assert.Equal(ErrorCode.None, (await ProduceAsync(0)).Error);
    }

    [Fact]
    public async Task An_answer_that_does_not_come_ends_the_connection()
    {
        await ProduceAsync(0);
        _broker.OnRequest = static request => request.Key == ApiKey.Produce ? FakeKafkaBroker.Nothing : FakeKafkaBroker.Ordinary;
        var produced = ProduceAsync(0);
        await Eventually.UntilAsync(() => _broker.Count(ApiKey.Produce) == 2);
        _time.Advance(TimeSpan.FromSeconds(30)); // The broker's own limit; the answer has a moment more to come through.
        Assert.False(produced.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(6));
        var result = await produced;
        Assert.Equal((ErrorCode.RequestTimedOut, ProduceOutcome.Unknown), (result.Error, result.Outcome));
    }

    [Fact]
    public async Task Cancelling_a_fetch_ends_the_wait_and_drops_the_answer()
    {
        var release = new TaskCompletionSource();
        _broker.Records = Batch(10_000);
        _broker.OnRequest = async request =>
        {
            if (request.Key == ApiKey.Fetch)
                await release.Task;
            return null;
        };
        using var cancelling = new CancellationTokenSource();
        var fetched = FetchAsync(cancelling.Token);
        await Eventually.UntilAsync(() => _broker.Count(ApiKey.Fetch) == 1);
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetched);
        release.SetResult();
        using var result = await FetchAsync();
        Assert.Equal(10_000, result.Partitions[0].Records.Length);
    }

    [Fact]
    public async Task Long_polls_do_not_stand_before_batches_and_questions()
    {
        (await FetchAsync()).Dispose(); // One connection is there already; the polls must not queue up behind it.
        _broker.OnRequest = static request => request.Key == ApiKey.Fetch ? FakeKafkaBroker.Nothing : FakeKafkaBroker.Ordinary;
        var polls = Enumerable.Range(0, 5).Select(_ => FetchAsync()).ToArray();
        await Eventually.UntilAsync(() => _broker.Count(ApiKey.Fetch) == 6);
        Assert.Equal(5, _broker.Requests.Where(static request => request.Key == ApiKey.Fetch).Select(static request => request.Connection).Distinct().Count());
        await ProduceAsync(0);
        await _transport.GetMetadataAsync(null, -1, default).AsTask().WaitAsync(Patience);
        _broker.BreakConnections();
        await Task.WhenAll(polls).WaitAsync(Patience);
    }

    [Fact]
    public async Task An_idle_connection_is_closed()
    {
        await ProduceAsync(0);
        var connections = _broker.Connections;
        // An answer may be here before its request's writer has put the pen down: such a connection is idle only from then on.
        await Eventually.UntilAsync(() =>
        {
            _time.Advance(TimeSpan.FromMinutes(9));
            return _broker.OpenConnections == 0;
        });
        await ProduceAsync(0);
        Assert.True(_broker.Connections > connections);
    }

    [Fact]
    public async Task Closing_waits_for_what_is_under_way()
    {
        await ProduceAsync(0);
        var release = new TaskCompletionSource();
        _broker.OnRequest = async _ =>
        {
            await release.Task;
            return null;
        };
        var produced = ProduceAsync(0);
        await Eventually.UntilAsync(() => _broker.Count(ApiKey.Produce) == 2);
        var closing = _transport.DisposeAsync().AsTask();
        Assert.False(closing.IsCompleted);
        release.SetResult();
        Assert.Equal(ProduceOutcome.Stored, (await produced).Outcome);
        await closing.WaitAsync(Patience);
        Assert.Equal((ErrorCode.NetworkException, ProduceOutcome.NotStored), ((await ProduceAsync(0)).Error, (await ProduceAsync(0)).Outcome));
    }

    [Fact]
    public async Task Batches_of_one_partition_keep_their_order_also_while_connecting()
    {
        await _transport.GetMetadataAsync(["t"], -1, default);
        var results = Enumerable.Range(0, 200).Select(_ => ProduceAsync(0)).ToArray();
        await Task.WhenAll(results).WaitAsync(Patience);
        Assert.Equal(Enumerable.Range(0, 200).Select(static i => (long)i), results.Select(static result => result.Result.BaseOffset));
    }

    private static byte[] Batch(int bytes)
    {
        using var builder = new RecordBatchBuilder(new RecordBatchBuilderOptions { CapacityBytes = bytes + 1_000 });
        Assert.True(builder.TryAppend(1, default, keyIsNull: true, new byte[bytes - 100], valueIsNull: false));
        var batch = builder.Build().ToArray();
        return [.. batch, .. new byte[bytes - batch.Length]];
    }

    private static ProduceResponseData Produced(ErrorCode error) => new()
    {
        Responses = [new() { Name = "t", PartitionResponses = [new() { Index = 0, ErrorCode = error, BaseOffset = error == ErrorCode.None ? 0 : -1 }] }],
    };

    private Task<ProduceResult> ProduceAsync(int partition, int bytes = 1_000, Acks acks = Acks.Leader) => _transport.ProduceAsync(
        new ProduceRequest { Partition = new TopicPartition("t", partition), Batch = Batch(bytes), Acks = acks }, default).AsTask().WaitAsync(Patience);

    private Task<FetchResult> FetchAsync(CancellationToken cancellationToken = default) => _transport.FetchAsync(
        new FetchRequest { Partitions = [new FetchPartition { Partition = new TopicPartition("t", 0), FetchOffset = 1, MaxBytes = 1 << 20 }] },
        cancellationToken).AsTask().WaitAsync(Patience, CancellationToken.None);
}
