using OrleansLog.Protocol.Compression;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Client.Tests;

public sealed class ProducerTests : ClientTest
{
    [Fact]
    public async Task A_delivery_names_partition_offset_and_timestamp()
    {
        await using var producer = Log.CreateProducer<string, string>(new ProducerOptions { LingerMs = 0 });
        var first = await PassTimeUntil(producer.ProduceAsync("t", "k", "one").AsTask());
        var second = await PassTimeUntil(producer.ProduceAsync(new ProducerRecord<string, string>("t", "k", "two") { TimestampMs = 7 }).AsTask());
        Assert.Equal((T0, 0L), (first.TopicPartition, first.Offset));
        Assert.InRange(first.TimestampMs, 1, Time.GetUtcNow().ToUnixTimeMilliseconds());
        Assert.Equal((1L, 7L), (second.Offset, second.TimestampMs));
        Assert.Equal([(0, "k", "one"), (1, "k", "two")], Cluster.Read(T0));
    }

    [Fact]
    public async Task Null_and_empty_are_kept_apart_and_headers_travel()
    {
        await using var producer = Log.CreateProducer<string?, byte[]?>(new ProducerOptions { LingerMs = 0 });
        RecordHeader[] headers = [new("trace", new byte[] { 1 }), new("trace"), new("empty", default)];
        await PassTimeUntil(producer.ProduceAsync(new ProducerRecord<string?, byte[]?>("t", null, []) { Headers = headers }).AsTask());
        await PassTimeUntil(producer.ProduceAsync("t", "", null).AsTask());
        Assert.Equal([(0, null, ""), (1, "", null)], Cluster.Read(T0));

        await using var consumer = Log.CreateConsumer<string?, byte[]?>();
        consumer.Assign(T0, StartAt.Beginning);
        await foreach (var record in consumer.ReadAllAsync())
        {
            Assert.Equal(["trace", "trace", "empty"], record.Headers.ToArray().Select(static header => header.Key));
            Assert.Equal([false, true, false], record.Headers.ToArray().Select(static header => header.ValueIsNull));
            break;
        }
    }

    [Fact]
    public async Task Records_within_the_linger_time_share_a_batch()
    {
        await using var producer = Log.CreateProducer<string, string>(new ProducerOptions { LingerMs = 10 });
        var tasks = Enumerable.Range(0, 3).Select(i => producer.ProduceAsync("t", "k", $"{i}").AsTask()).ToArray();
        await PassTimeUntil(Task.WhenAll(tasks));
        Assert.Equal([3], Cluster.Produced.Select(static batch => batch.Records));
    }

    [Fact]
    public async Task A_full_batch_does_not_linger()
    {
        await using var producer = Log.CreateProducer<Unit, string>(new ProducerOptions { LingerMs = 900_000, DeliveryTimeoutMs = 900_000, BatchBytes = 1024 });
        var tasks = Enumerable.Range(0, 30).Select(i => producer.ProduceAsync("t", default, new string('x', 100)).AsTask()).ToArray();
        await Until(() => Cluster.Produced.Count >= 3);
        await Until(() => tasks.Count(static task => task.IsCompleted) >= 24);
        Assert.All(Cluster.Produced, static batch => Assert.InRange(batch.Bytes, 900, 1024));
    }

    [Fact]
    public async Task What_gathers_while_a_batch_is_under_way_is_the_next_one()
    {
        var held = new TaskCompletionSource();
        var started = new TaskCompletionSource();
        Cluster.OnProduce = async _ =>
        {
            started.TrySetResult();
            await held.Task;
            return null;
        };
        await using var producer = Log.CreateProducer<Unit, string>(new ProducerOptions { LingerMs = 0 });
        var tasks = new List<Task> { producer.ProduceAsync("t", default, "0").AsTask() };
        await started.Task;
        for (var i = 1; i <= 50; i++)
            tasks.Add(producer.ProduceAsync("t", default, $"{i}").AsTask());
        held.SetResult();
        await Task.WhenAll(tasks);
        Assert.Equal([1, 50], Cluster.Produced.Select(static batch => batch.Records));
        Assert.Equal(Enumerable.Range(0, 51).Select(static i => $"{i}"), Cluster.Read(T0).Select(static record => record.Value));
    }

    [Fact]
    public async Task Calls_that_are_not_awaited_keep_their_order_even_before_the_topic_is_known()
    {
        var held = new TaskCompletionSource();
        Cluster.OnMetadata = () => new ValueTask(held.Task);
        await using var producer = Log.CreateProducer<Unit, int>(new ProducerOptions { LingerMs = 0, BatchBytes = 4096 });
        var tasks = Enumerable.Range(0, 2_000).Select(i => producer.ProduceAsync("t", default, i).AsTask()).ToArray();
        held.SetResult();
        await PassTimeUntil(Task.WhenAll(tasks));
        for (var i = 0; i < tasks.Length; i++)
            Assert.Equal(i, (await tasks[i]).Offset);
    }

    [Fact]
    public async Task A_refusal_that_is_retriable_is_retried_and_nothing_overtakes_it()
    {
        var refusals = 3;
        Cluster.OnProduce = _ => new(refusals-- > 0 ? ProduceResult.Failure(ErrorCode.NotLeaderOrFollower, ProduceOutcome.NotStored) : null);
        await using var producer = Log.CreateProducer<Unit, string>(new ProducerOptions { LingerMs = 0, BatchBytes = 1024 });
        var tasks = Enumerable.Range(0, 100).Select(i => producer.ProduceAsync("t", default, $"{i}".PadLeft(100)).AsTask()).ToArray();
        await PassTimeUntil(Task.WhenAll(tasks));
        Assert.Equal(Enumerable.Range(0, 100).Select(static i => $"{i}".PadLeft(100)), Cluster.Read(T0).Select(static record => record.Value));
        Assert.True(Cluster.MetadataRequests >= 2, "A leader that is none any more means that the metadata is read again.");
    }

    [Fact]
    public async Task A_refusal_that_is_final_is_not_retried()
    {
        var attempts = 0;
        Cluster.OnProduce = _ =>
        {
            attempts++;
            return new(ProduceResult.Failure(ErrorCode.InvalidRecord, ProduceOutcome.NotStored, "Keys, please."));
        };
        await using var producer = Log.CreateProducer<Unit, string>(new ProducerOptions { LingerMs = 0 });
        var error = await Assert.ThrowsAsync<LogException>(() => PassTimeUntil(producer.ProduceAsync("t", default, "x").AsTask()));
        Assert.Equal((ErrorCode.InvalidRecord, "Keys, please.", false), (error.Code, error.Message, error.IsRetriable));
        Assert.Equal(1, attempts);
    }

    [Fact]
    public async Task A_record_that_the_broker_names_is_told_why_and_the_others_of_its_batch_that_it_was_not_they()
    {
        var isFirst = true;
        Cluster.OnProduce = _ => new(!Interlocked.Exchange(ref isFirst, false) ? null : ProduceResult.Failure(ErrorCode.InvalidRecord, ProduceOutcome.NotStored, "Record 1: no key") with
        {
            RecordErrors = [new(1, "no key"), new(7, "there is no such record")],
        });
        await using var producer = Log.CreateProducer<string, string>(new ProducerOptions { LingerMs = 900_000, DeliveryTimeoutMs = 900_000 });
        var sent = Enumerable.Range(0, 3).Select(i => producer.ProduceAsync("t", "k", $"{i}").AsTask()).ToArray();
        await PassTimeUntil(producer.FlushAsync());

        var bad = await Assert.ThrowsAsync<RecordRefusedException>(() => sent[1]);
        Assert.Equal((ErrorCode.InvalidRecord, T0, false), (bad.Code, bad.Partition, bad.IsRetriable));
        Assert.Contains("no key", bad.Message, StringComparison.Ordinal);
        foreach (var other in (Task[])[sent[0], sent[2]])
        {
            var error = await Assert.ThrowsAsync<BatchRefusedException>(() => other);
            Assert.Equal((ErrorCode.InvalidRecord, T0, true), (error.Code, error.Partition, error.IsRetriable));
        }

        var again = producer.ProduceAsync("t", "k", "0").AsTask();
        await PassTimeUntil(producer.FlushAsync());
        Assert.Equal(0, (await again).Offset);
    }

    [Fact]
    public async Task Without_idempotence_a_lost_answer_is_reported_as_unknown_and_never_sent_again()
    {
        Cluster.OnStored = (_, _) => new(ProduceResult.Failure(ErrorCode.NetworkException, ProduceOutcome.Unknown));
        await using var producer = Log.CreateProducer<Unit, string>(new ProducerOptions { LingerMs = 0, EnableIdempotence = false });
        var error = await Assert.ThrowsAsync<DeliveryUnknownException>(() => PassTimeUntil(producer.ProduceAsync("t", default, "x").AsTask()));
        Assert.False(error.IsRetriable);
        Assert.Single(Cluster.Produced);
    }

    [Fact]
    public async Task A_transport_that_throws_leaves_the_outcome_unknown()
    {
        Cluster.OnProduce = _ => throw new IOException("gone");
        await using var producer = Log.CreateProducer<Unit, string>(new ProducerOptions { LingerMs = 0 });
        await Assert.ThrowsAsync<DeliveryUnknownException>(() => PassTimeUntil(producer.ProduceAsync("t", default, "x").AsTask()));
        Cluster.OnProduce = null;
        await PassTimeUntil(producer.ProduceAsync("t", default, "y").AsTask());
        Assert.Equal(["y"], Cluster.Read(T0).Select(static record => record.Value));
    }

    [Fact]
    public async Task When_time_is_up_what_is_under_way_is_unknown_and_what_waits_is_not_stored()
    {
        var held = new TaskCompletionSource();
        var started = new TaskCompletionSource();
        Cluster.OnProduce = async _ =>
        {
            started.TrySetResult();
            await held.Task;
            return null;
        };
        await using var producer = Log.CreateProducer<Unit, string>(new ProducerOptions { LingerMs = 0, DeliveryTimeoutMs = 500 });
        var first = producer.ProduceAsync("t", default, "1").AsTask();
        await started.Task;
        var second = producer.ProduceAsync("t", default, "2").AsTask();
        await Assert.ThrowsAsync<DeliveryUnknownException>(() => PassTimeUntil(first));
        held.SetResult();
        await Assert.ThrowsAsync<DeliveryTimeoutException>(() => PassTimeUntil(second));
        Assert.Equal(["1"], Cluster.Read(T0).Select(static record => record.Value));
    }

    [Fact]
    public async Task Retries_end_with_the_delivery_timeout_and_name_the_last_refusal()
    {
        Cluster.OnProduce = _ => new(ProduceResult.Failure(ErrorCode.NotEnoughReplicas, ProduceOutcome.NotStored));
        await using var producer = Log.CreateProducer<Unit, string>(new ProducerOptions { LingerMs = 0, DeliveryTimeoutMs = 3_000 });
        var error = await Assert.ThrowsAsync<DeliveryTimeoutException>(() => PassTimeUntil(producer.ProduceAsync("t", default, "x").AsTask()));
        Assert.Equal(ErrorCode.NotEnoughReplicas, Assert.IsType<LogException>(error.InnerException).Code);
    }

    [Fact]
    public async Task A_topic_that_is_not_there_is_named_soon()
    {
        await using var producer = Log.CreateProducer<Unit, string>();
        var error = await Assert.ThrowsAsync<UnknownTopicException>(() => PassTimeUntil(producer.ProduceAsync("typo", default, "x").AsTask()));
        Assert.Equal("typo", error.Topic);
        Cluster.AddTopic("typo");
        await PassTimeUntil(producer.ProduceAsync("typo", default, "x").AsTask());
    }

    [Fact]
    public async Task A_topic_comes_into_being_by_being_written_to_where_the_brokers_allow_it()
    {
        Cluster.AutoCreates = true;
        await using var strict = Log.CreateProducer<Unit, string>(new ProducerOptions { AllowAutoCreateTopics = false });
        await Assert.ThrowsAsync<UnknownTopicException>(() => PassTimeUntil(strict.ProduceAsync("fresh", default, "x").AsTask()));
        await using var producer = Log.CreateProducer<Unit, string>();
        Assert.Equal(0, (await PassTimeUntil(producer.ProduceAsync("fresh", default, "x").AsTask())).Offset);
    }

    [Fact]
    public async Task A_topic_name_that_cannot_be_is_refused_without_a_request()
    {
        await using var producer = Log.CreateProducer<Unit, string>();
        var error = await Assert.ThrowsAsync<LogException>(() => producer.ProduceAsync("a/b", default, "x").AsTask());
        Assert.Equal(ErrorCode.InvalidTopicException, error.Code);
        Assert.Equal(0, Cluster.MetadataRequests);
    }

    [Fact]
    public async Task Batches_that_the_topic_finds_too_large_are_halved_until_they_fit()
    {
        Cluster.OnProduce = request => new(request.Batch.Length > 2_000 ? ProduceResult.Failure(ErrorCode.MessageTooLarge, ProduceOutcome.NotStored) : null);
        await using var producer = Log.CreateProducer<Unit, string>(new ProducerOptions { LingerMs = 5, BatchBytes = 16 * 1024 });
        var tasks = Enumerable.Range(0, 100).Select(i => producer.ProduceAsync("t", default, $"{i}".PadLeft(100)).AsTask()).ToArray();
        var flush = producer.FlushAsync();
        await PassTimeUntil(Task.WhenAll(tasks));
        await PassTimeUntil(flush);
        Assert.Equal(Enumerable.Range(0, 100).Select(static i => $"{i}".PadLeft(100)), Cluster.Read(T0).Select(static record => record.Value));
        Assert.Equal(Enumerable.Range(0, 100).Select(static i => (long)i), tasks.Select(static task => task.Result.Offset));
    }

    [Fact]
    public async Task A_single_record_that_the_topic_finds_too_large_fails_alone()
    {
        Cluster.OnProduce = request => new(request.Batch.Length > 2_000 ? ProduceResult.Failure(ErrorCode.MessageTooLarge, ProduceOutcome.NotStored) : null);
        await using var producer = Log.CreateProducer<Unit, string>(new ProducerOptions { LingerMs = 5 });
        var small = producer.ProduceAsync("t", default, "small").AsTask();
        var large = producer.ProduceAsync("t", default, new string('x', 3_000)).AsTask();
        await PassTimeUntil(small);
        await Assert.ThrowsAsync<RecordTooLargeException>(() => PassTimeUntil(large));
    }

    [Fact]
    public async Task A_record_over_the_producers_limit_is_refused_at_once()
    {
        await using var producer = Log.CreateProducer<Unit, byte[]>(new ProducerOptions { MaxRecordBytes = 1_000 });
        await Assert.ThrowsAsync<RecordTooLargeException>(() => producer.ProduceAsync("t", default, new byte[2_000]).AsTask());
    }

    [Theory]
    [InlineData(CompressionCodec.None)]
    [InlineData(CompressionCodec.Gzip)]
    [InlineData(CompressionCodec.Snappy)]
    [InlineData(CompressionCodec.Lz4)]
    [InlineData(CompressionCodec.Zstd)]
    public async Task Every_codec_round_trips(CompressionCodec codec)
    {
        await using var producer = Log.CreateProducer<int, string>(new ProducerOptions { Compression = codec });
        var tasks = Enumerable.Range(0, 1_000).Select(i => producer.ProduceAsync("t", i, new string('x', i % 100)).AsTask()).ToArray();
        await PassTimeUntil(Task.WhenAll(tasks));
        await using var consumer = Log.CreateConsumer<int, string>();
        consumer.Assign(T0, StartAt.Beginning);
        var read = new List<int>();
        await foreach (var record in consumer.ReadToEndAsync())
        {
            Assert.Equal(record.Key % 100, record.Value.Length);
            read.Add(record.Key);
        }

        Assert.Equal(Enumerable.Range(0, 1_000), read);
    }

    [Fact]
    public async Task A_serializer_that_throws_loses_nothing_but_its_record()
    {
        await using var producer = Log.CreateProducer<Unit, string>(valueSerializer: new Moody());
        var good = producer.ProduceAsync("t", default, "good").AsTask();
        var error = await Assert.ThrowsAsync<RecordSerializationException>(() => producer.ProduceAsync("t", default, "bad").AsTask());
        Assert.False(error.IsKey);
        await PassTimeUntil(good);
        Assert.Equal(["\u0001ood"], Cluster.Read(T0).Select(static record => record.Value));
    }

    [Fact]
    public void Options_out_of_range_are_named()
    {
        Assert.Contains("LingerMs is -1; it must be from 0", Refusal(new ProducerOptions { LingerMs = -1 }), StringComparison.Ordinal);
        Assert.Contains("BufferMemoryBytes (2000)", Refusal(new ProducerOptions { BufferMemoryBytes = 2_000 }), StringComparison.Ordinal);
        Assert.Contains("Acks is 7", Refusal(new ProducerOptions { Acks = (Acks)7 }), StringComparison.Ordinal);
        Assert.Contains("zstd", Refusal(new ProducerOptions { Compression = CompressionCodec.Zstd, CompressionLevel = 99 }), StringComparison.Ordinal);
        Assert.Contains("no built-in serializer", Assert.Throws<NotSupportedException>(() => Log.CreateProducer<string, Uri>()).Message, StringComparison.Ordinal);

        string Refusal(ProducerOptions options) => Assert.Throws<ArgumentException>(() => Log.CreateProducer<Unit, string>(options)).Message;
    }

    private sealed class Moody : ISerializer<string>
    {
        public void Serialize(string value, System.Buffers.IBufferWriter<byte> output)
        {
            output.GetSpan(4)[0] = 1;
            output.Advance(1);
            if (value == "bad")
                throw new FormatException("I do not like it.");
            Serializers.Utf8.Serialize(value[1..], output);
            output.GetSpan(1);
        }
    }
}
