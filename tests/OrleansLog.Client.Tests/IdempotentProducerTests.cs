using OrleansLog.Protocol.Records;

namespace OrleansLog.Client.Tests;

/// <summary>K5 at the producer: numbers, retries that keep them, and what follows when broker and producer have parted.</summary>
public sealed class IdempotentProducerTests : ClientTest
{
    [Fact]
    public async Task A_batch_whose_answer_was_lost_is_sent_again_as_it_was_and_stored_once()
    {
        var answers = 0;
        Cluster.OnStored = (_, result) => new(++answers <= 3 ? Lost : result);
        var sent = new List<RecordBatchHeader>();
        Cluster.OnProduce = request =>
        {
            sent.Add(HeaderOf(request));
            return new((ProduceResult?)null);
        };
        await using var producer = Log.CreateProducer<Unit, string>(new ProducerOptions { LingerMs = 0 });

        var delivery = await PassTimeUntil(producer.ProduceAsync("t", default, "x").AsTask());

        Assert.Equal(0, delivery.Offset);
        Assert.Equal(["x"], Values());
        Assert.Equal(4, sent.Count);
        Assert.Single(sent.Distinct());
    }

    [Fact]
    public async Task Batches_are_numbered_record_by_record_under_one_producer_id()
    {
        Cluster.AddTopic("t", 2);
        await using var producer = Log.CreateProducer<Unit, string>(new ProducerOptions { LingerMs = 900_000, DeliveryTimeoutMs = 900_000 });
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < 6; i++)
                await producer.Produce(new ProducerRecord<Unit, string>("t", default, "x") { Partition = i % 2 });
            await producer.FlushAsync();
        }

        foreach (var partition in (TopicPartition[])[T0, new("t", 1)])
            Assert.Equal([(1, (short)0, 0), (1, (short)0, 3)], Numbers(partition));
    }

    [Fact]
    public async Task A_batch_given_up_is_left_behind_by_a_new_epoch_that_refuses_it_when_it_comes_late()
    {
        byte[]? late = null;
        Cluster.OnProduce = request =>
        {
            late ??= request.Batch.ToArray();
            return new(Lost);
        };
        await using var producer = Log.CreateProducer<Unit, string>(new ProducerOptions { LingerMs = 0, DeliveryTimeoutMs = 500 });
        var error = await Assert.ThrowsAsync<DeliveryUnknownException>(() => PassTimeUntil(producer.ProduceAsync("t", default, "lost").AsTask()));
        Assert.Equal(Lost.Error, Assert.IsType<LogException>(error.InnerException).Code);

        Cluster.OnProduce = null;
        await PassTimeUntil(producer.ProduceAsync("t", default, "next").AsTask());

        Assert.Equal([(1, (short)1, 0)], Numbers(T0));
        Assert.Equal(ErrorCode.InvalidProducerEpoch, Cluster[T0].TryAppend(late!).Error);
    }

    [Fact]
    public async Task A_batch_that_was_refused_leaves_no_gap()
    {
        var refuses = true;
        Cluster.OnProduce = _ => new(refuses ? ProduceResult.Failure(ErrorCode.InvalidRecord, ProduceOutcome.NotStored) : null);
        await using var producer = Log.CreateProducer<Unit, string>(new ProducerOptions { LingerMs = 0 });
        await Assert.ThrowsAsync<LogException>(() => PassTimeUntil(producer.ProduceAsync("t", default, "bad").AsTask()));
        refuses = false;
        await PassTimeUntil(producer.ProduceAsync("t", default, "good").AsTask());
        Assert.Equal([(1, (short)0, 0)], Numbers(T0));
    }

    [Fact]
    public async Task A_batch_that_is_too_large_for_the_topic_is_halved_without_a_gap()
    {
        Cluster.OnProduce = request => new(request.Batch.Length > 300 ? ProduceResult.Failure(ErrorCode.MessageTooLarge, ProduceOutcome.NotStored) : null);
        await using var producer = Log.CreateProducer<Unit, string>(new ProducerOptions { LingerMs = 900_000, DeliveryTimeoutMs = 900_000 });
        for (var i = 0; i < 40; i++)
            await producer.Produce("t", default, $"{i:D20}");
        await PassTimeUntil(producer.FlushAsync());
        Assert.Equal(Enumerable.Range(0, 40).Select(i => $"{i:D20}"), Values());
        Assert.All(Numbers(T0), number => Assert.Equal((1, (short)0), (number.Id, number.Epoch)));
    }

    [Fact]
    public async Task Where_the_broker_lost_what_came_before_the_producer_goes_on_in_a_new_epoch()
    {
        await using var producer = Log.CreateProducer<Unit, string>(new ProducerOptions { LingerMs = 0 });
        await PassTimeUntil(producer.ProduceAsync("t", default, "a").AsTask());
        var isLost = true;
        Cluster.OnProduce = _ => new(Interlocked.Exchange(ref isLost, false) ? ProduceResult.Failure(ErrorCode.OutOfOrderSequenceNumber, ProduceOutcome.NotStored) : null);
        await PassTimeUntil(producer.ProduceAsync("t", default, "b").AsTask());
        Assert.Equal([(1, (short)0, 0), (1, (short)1, 0)], Numbers(T0));
    }

    [Fact]
    public async Task A_gap_behind_a_lost_answer_settles_nothing()
    {
        await using var producer = Log.CreateProducer<Unit, string>(new ProducerOptions { LingerMs = 0 });
        await PassTimeUntil(producer.ProduceAsync("t", default, "a").AsTask());
        // The leader stores it and its answer is lost; a broker that led before that, and does not know it yet, has neither this one nor "a".
        var isFirst = true;
        Cluster.OnStored = (_, result) => new(Interlocked.Exchange(ref isFirst, false) ? Lost : result);
        Cluster.OnProduce = _ => new(isFirst ? null : ProduceResult.Failure(ErrorCode.OutOfOrderSequenceNumber, ProduceOutcome.NotStored));
        await Assert.ThrowsAsync<DeliveryUnknownException>(() => PassTimeUntil(producer.ProduceAsync("t", default, "b").AsTask()));
        Cluster.OnProduce = null;
        await PassTimeUntil(producer.ProduceAsync("t", default, "c").AsTask());
        Assert.Equal(["a", "b", "c"], Values());
        Assert.Equal([(1, (short)0, 0), (1, (short)0, 1), (1, (short)1, 0)], Numbers(T0));
    }

    [Fact]
    public async Task Where_somebody_else_has_the_id_the_producer_takes_another()
    {
        var isFenced = true;
        Cluster.OnProduce = _ => new(Interlocked.Exchange(ref isFenced, false) ? ProduceResult.Failure(ErrorCode.InvalidProducerEpoch, ProduceOutcome.NotStored) : null);
        await using var producer = Log.CreateProducer<Unit, string>(new ProducerOptions { LingerMs = 0 });
        await PassTimeUntil(producer.ProduceAsync("t", default, "a").AsTask());
        Assert.Equal([(2, (short)0, 0)], Numbers(T0));
    }

    [Fact]
    public async Task Stored_so_long_ago_that_the_broker_forgot_where_is_stored()
    {
        Cluster.OnProduce = _ => new(ProduceResult.Failure(ErrorCode.DuplicateSequenceNumber, ProduceOutcome.NotStored));
        await using var producer = Log.CreateProducer<Unit, string>(new ProducerOptions { LingerMs = 0 });
        Assert.Equal(-1, (await PassTimeUntil(producer.ProduceAsync("t", default, "a").AsTask())).Offset);
    }

    [Fact]
    public async Task A_refusal_after_a_lost_answer_settles_nothing()
    {
        var attempts = 0;
        Cluster.OnProduce = _ => new(++attempts == 1 ? Lost : ProduceResult.Failure(ErrorCode.InvalidRecord, ProduceOutcome.NotStored));
        await using var producer = Log.CreateProducer<Unit, string>(new ProducerOptions { LingerMs = 0 });
        var error = await Assert.ThrowsAsync<DeliveryUnknownException>(() => PassTimeUntil(producer.ProduceAsync("t", default, "a").AsTask()));
        Assert.Equal(ErrorCode.InvalidRecord, error.Code);
    }

    [Fact]
    public async Task Without_a_producer_id_records_wait_for_one_until_their_time_is_up()
    {
        var asked = 0;
        Cluster.OnInitProducerId = _ => ++asked <= 2 ? InitProducerIdResult.Failure(ErrorCode.CoordinatorLoadInProgress, "later") : null;
        await using var producer = Log.CreateProducer<Unit, string>(new ProducerOptions { LingerMs = 0, DeliveryTimeoutMs = 2_000 });
        await PassTimeUntil(producer.ProduceAsync("t", default, "a").AsTask());
        Assert.Equal(3, asked);

        await using var refused = Log.CreateProducer<Unit, string>(new ProducerOptions { LingerMs = 0, DeliveryTimeoutMs = 2_000 });
        Cluster.OnInitProducerId = _ => InitProducerIdResult.Failure(ErrorCode.CoordinatorLoadInProgress, "later");
        await Assert.ThrowsAsync<DeliveryTimeoutException>(() => PassTimeUntil(refused.ProduceAsync("t", default, "b").AsTask()));
        Cluster.OnInitProducerId = _ => InitProducerIdResult.Failure(ErrorCode.ClusterAuthorizationFailed, "no");
        Assert.Equal(ErrorCode.ClusterAuthorizationFailed, (await Assert.ThrowsAsync<LogException>(() => PassTimeUntil(refused.ProduceAsync("t", default, "c").AsTask()))).Code);
        Assert.Equal(["a"], Values());
    }

    [Theory]
    [InlineData(Acks.All, null, true)]
    [InlineData(Acks.All, false, false)]
    [InlineData(Acks.Leader, null, false)]
    [InlineData(Acks.None, null, false)]
    public async Task It_is_on_by_default_with_acks_all_only(Acks acks, bool? enable, bool isIdempotent)
    {
        await using var producer = Log.CreateProducer<Unit, string>(new ProducerOptions { LingerMs = 0, Acks = acks, EnableIdempotence = enable });
        await PassTimeUntil(producer.ProduceAsync("t", default, "a").AsTask());
        Assert.Equal(isIdempotent ? 1 : -1, Numbers(T0).Single().Id);
    }

    [Theory]
    [InlineData(Acks.Leader)]
    [InlineData(Acks.None)]
    public void Asking_for_it_without_acks_all_is_an_error(Acks acks)
    {
        var error = Assert.Throws<ArgumentException>(() => Log.CreateProducer<Unit, string>(new ProducerOptions { Acks = acks, EnableIdempotence = true }));
        Assert.Contains("Acks.All", error.Message, StringComparison.Ordinal);
    }

    private static ProduceResult Lost => ProduceResult.Failure(ErrorCode.NetworkException, ProduceOutcome.Unknown);

    private static RecordBatchHeader HeaderOf(ProduceRequest request)
    {
        Assert.True(RecordBatchHeader.TryRead(request.Batch.Span, out var header));
        return header;
    }

    private IEnumerable<string?> Values() => Cluster.Read(T0).Select(static record => record.Value);

    private List<(long Id, short Epoch, int Sequence)> Numbers(TopicPartition partition) =>
    [
        .. Cluster[partition].Snapshot().Select(static batch =>
        {
            Assert.True(RecordBatchHeader.TryRead(batch, out var header));
            return (header.ProducerId, header.ProducerEpoch, header.BaseSequence);
        }),
    ];
}
