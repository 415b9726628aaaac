using OrleansLog.Protocol.Records;

namespace OrleansLog.Client.Tests;

public sealed class ConsumerTests : ClientTest
{
    [Fact]
    public async Task Reading_starts_where_it_is_told()
    {
        for (var i = 0; i < 10; i++)
            Cluster.Append(T0, new RecordBatchBuilderOptions(), 1_000 + i, $"{i}");
        await using var consumer = Log.CreateConsumer<Unit, string>(new ConsumerOptions { AutoOffsetReset = AutoOffsetReset.Earliest });
        Assert.Equal(0, await First(StartAt.Beginning));
        Assert.Equal(0, await First(StartAt.Default));
        Assert.Equal(7, await First(StartAt.Offset(7)));
        Assert.Equal(4, await First(StartAt.TimestampMs(1_004)));
        Assert.Equal(7, await First(StartAt.BeforeEnd(3)));
        Assert.Equal(0, await First(StartAt.BeforeEnd(300)));
        Assert.Null(await First(StartAt.End));
        Assert.Null(await First(StartAt.TimestampMs(5_000)));

        async Task<long?> First(StartAt start)
        {
            consumer.Assign(T0, start);
            await foreach (var record in consumer.ReadToEndAsync())
                return record.Offset;
            return null;
        }
    }

    [Fact]
    public async Task Records_that_come_later_are_delivered_as_they_come()
    {
        await using var consumer = Log.CreateConsumer<Unit, string>();
        consumer.Assign(T0, StartAt.End);
        Assert.Equal(0, await consumer.PositionAsync(T0));
        await using var reading = consumer.ReadAllAsync().GetAsyncEnumerator();
        for (var i = 0; i < 5; i++)
        {
            var next = reading.MoveNextAsync().AsTask();
            Cluster.Append(T0, $"{i}");
            Assert.True(await PassTimeUntil(next));
            Assert.Equal(($"{i}", (long)i), (reading.Current.Value, reading.Current.Offset));
            Assert.Equal(i + 1, consumer.Position(T0));
        }

        Assert.Equal(new Watermarks(0, 5), consumer.LastWatermarks(T0));
        Assert.Equal(new Watermarks(0, 5), await consumer.GetWatermarksAsync(T0));
    }

    [Fact]
    public async Task A_topic_is_read_with_all_its_partitions()
    {
        Cluster.AddTopic("many", 5);
        for (var i = 0; i < 50; i++)
            Cluster.Append(new TopicPartition("many", i % 5), $"{i}");
        await using var consumer = Log.CreateConsumer<Unit, string>();
        await consumer.AssignTopicAsync("many", StartAt.Beginning);
        var read = new List<string>();
        await foreach (var record in consumer.ReadToEndAsync())
            read.Add(record.Value);
        Assert.Equal(Enumerable.Range(0, 50).Select(static i => $"{i}").Order(), read.Order());
        await Assert.ThrowsAsync<UnknownTopicException>(() => PassTimeUntil(consumer.AssignTopicAsync("typo").AsTask()));
    }

    [Fact]
    public async Task Breaking_off_and_reading_on_loses_and_repeats_nothing()
    {
        for (var i = 0; i < 20; i++)
            Cluster.Append(T0, $"{i}a", $"{i}b", $"{i}c");
        await using var consumer = Log.CreateConsumer<Unit, string>();
        consumer.Assign(T0, StartAt.Beginning);
        var offsets = new List<long>();
        while (offsets.Count < 60)
        {
            await foreach (var record in consumer.ReadAllAsync())
            {
                offsets.Add(record.Offset);
                if (offsets.Count % 7 == 0 || offsets.Count == 60)
                    break;
            }
        }

        Assert.Equal(Enumerable.Range(0, 60).Select(static i => (long)i), offsets);
    }

    [Fact]
    public async Task A_seek_takes_effect_with_the_next_record()
    {
        for (var i = 0; i < 100; i++)
            Cluster.Append(T0, $"{i}");
        await using var consumer = Log.CreateConsumer<Unit, string>(new ConsumerOptions { FetchPartitionBytes = 300, PrefetchPartitionBytes = 600 });
        consumer.Assign(T0, StartAt.Beginning);
        await using var reading = consumer.ReadAllAsync().GetAsyncEnumerator();
        var random = new Random(1);
        for (var round = 0; round < 200; round++)
        {
            var to = random.Next(90);
            consumer.Seek(T0, StartAt.Offset(to));
            for (var i = 0; i < random.Next(1, 8); i++)
            {
                Assert.True(await reading.MoveNextAsync());
                Assert.Equal(to + i, reading.Current.Offset);
            }
        }
    }

    [Fact]
    public async Task A_paused_partition_delivers_nothing_and_goes_on_where_it_stood()
    {
        Cluster.AddTopic("two", 2);
        TopicPartition p0 = new("two", 0), p1 = new("two", 1);
        for (var i = 0; i < 10; i++)
        {
            Cluster.Append(p0, $"{i}");
            Cluster.Append(p1, $"{i}");
        }

        await using var consumer = Log.CreateConsumer<Unit, string>();
        consumer.Assign([p0, p1], StartAt.Beginning);
        await using var reading = consumer.ReadAllAsync().GetAsyncEnumerator();
        var read = new Dictionary<TopicPartition, long> { [p0] = 0, [p1] = 0 };
        await Next();
        var (first, other) = read[p0] == 1 ? (p0, p1) : (p1, p0);
        consumer.Pause(first);
        Assert.Equal([first], consumer.Paused);
        for (var i = 0; i < 10; i++)
            await Next();
        Assert.Equal((1, 10), (read[first], read[other]));
        Assert.Equal(1, consumer.Position(first));
        consumer.Resume(first);
        for (var i = 0; i < 9; i++)
            await Next();
        Assert.Equal(10, read[first]);

        async Task Next()
        {
            Assert.True(await reading.MoveNextAsync());
            Assert.Equal(read[reading.Current.TopicPartition]++, reading.Current.Offset);
        }
    }

    [Fact]
    public async Task Control_batches_are_hidden_and_do_not_hide_the_end()
    {
        Cluster.Append(T0, "a");
        Cluster.AppendBytes(T0, ControlBatch());
        Cluster.Append(T0, "b");
        Cluster.AppendBytes(T0, ControlBatch());
        await using var consumer = Log.CreateConsumer<Unit, string>();
        consumer.Assign(T0, StartAt.Beginning);
        var offsets = new List<long>();
        await foreach (var record in consumer.ReadToEndAsync())
            offsets.Add(record.Offset);
        Assert.Equal([0, 2], offsets);
        Assert.Equal(4, consumer.Position(T0));
    }

    [Fact]
    public async Task Reading_to_the_end_ends_at_once_where_there_is_nothing()
    {
        Cluster.AddTopic("many", 3);
        Cluster.Append(new TopicPartition("many", 1), "x");
        await using var consumer = Log.CreateConsumer<Unit, string>();
        await consumer.AssignTopicAsync("many", StartAt.Beginning);
        var count = 0;
        await foreach (var _ in consumer.ReadToEndAsync())
            count++;
        Assert.Equal(1, count);
        await foreach (var _ in consumer.ReadToEndAsync())
            Assert.Fail("There is nothing new.");
        Cluster.Append(new TopicPartition("many", 2), "y");
        await foreach (var record in consumer.ReadToEndAsync())
            Assert.Equal("y", record.Value);
    }

    [Fact]
    public async Task A_read_to_the_end_leaves_what_came_later_to_the_next_read()
    {
        Cluster.Append(T0, "a", "b");
        await using var consumer = Log.CreateConsumer<Unit, string>();
        consumer.Assign(T0, StartAt.Beginning);
        await using (var reading = consumer.ReadToEndAsync().GetAsyncEnumerator())
        {
            Assert.True(await reading.MoveNextAsync());
            Cluster.Append(T0, "c");
            Assert.True(await reading.MoveNextAsync());
            Assert.False(await reading.MoveNextAsync());
        }

        await foreach (var record in consumer.ReadAllAsync())
        {
            Assert.Equal("c", record.Value);
            break;
        }
    }

    [Theory]
    [InlineData(AutoOffsetReset.Earliest, "3")]
    [InlineData(AutoOffsetReset.Latest, "new")]
    public async Task An_offset_that_is_gone_goes_by_the_reset_policy(AutoOffsetReset policy, string expected)
    {
        for (var i = 0; i < 6; i++)
            Cluster.Append(T0, $"{i}");
        Cluster[T0].DeleteBefore(3);
        await using var consumer = Log.CreateConsumer<Unit, string>(new ConsumerOptions { AutoOffsetReset = policy });
        consumer.Assign(T0, StartAt.Offset(1));
        await using var reading = consumer.ReadAllAsync().GetAsyncEnumerator();
        var next = reading.MoveNextAsync().AsTask();
        if (policy == AutoOffsetReset.Latest)
        {
            await PassTimeUntil(() => consumer.Position(T0) == 6);
            Cluster.Append(T0, "new");
        }

        Assert.True(await PassTimeUntil(next));
        Assert.Equal(expected, reading.Current.Value);
    }

    [Fact]
    public async Task Without_a_reset_policy_a_gone_offset_is_an_error_until_somebody_seeks()
    {
        Cluster.Append(T0, "a", "b");
        await using var consumer = Log.CreateConsumer<Unit, string>(new ConsumerOptions { AutoOffsetReset = AutoOffsetReset.None });
        consumer.Assign(T0, StartAt.Offset(10));
        var error = await Assert.ThrowsAsync<OffsetOutOfRangeException>(() => PassTimeUntil(ReadOne(consumer)));
        Assert.Equal((T0, 10L, new Watermarks(0, 2)), (error.Partition, error.Offset, error.Watermarks));
        consumer.Seek(T0, StartAt.Offset(1));
        Assert.Equal("b", (await ReadOne(consumer)).Value);
    }

    [Fact]
    public async Task A_record_that_cannot_be_read_holds_the_consumer_until_it_is_skipped()
    {
        Cluster.Append(T0, "12345678", "bad", "ABCDEFGH");
        await using var consumer = Log.CreateConsumer<Unit, long>();
        consumer.Assign(T0, StartAt.Beginning);
        Assert.Equal(0, (await ReadOne(consumer)).Offset);
        for (var i = 0; i < 2; i++)
        {
            var error = await Assert.ThrowsAsync<RecordDeserializationException>(() => ReadOne(consumer));
            Assert.Equal((T0, 1L, false), (error.Partition, error.Offset, error.IsKey));
            Assert.Equal(1, consumer.Position(T0));
        }

        consumer.Seek(T0, StartAt.Offset(2));
        Assert.Equal(2, (await ReadOne(consumer)).Offset);
    }

    [Fact]
    public async Task Reading_can_be_cancelled_and_taken_up_again()
    {
        await using var consumer = Log.CreateConsumer<Unit, string>();
        consumer.Assign(T0, StartAt.Beginning);
        using var stop = new CancellationTokenSource();
        var reading = ReadOne(consumer, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        Cluster.Append(T0, "a");
        Assert.Equal("a", (await PassTimeUntil(ReadOne(consumer))).Value);
    }

    [Fact]
    public async Task There_is_one_reader_at_a_time()
    {
        await using var consumer = Log.CreateConsumer<Unit, string>();
        consumer.Assign(T0, StartAt.Beginning);
        using var stop = new CancellationTokenSource();
        var reading = ReadOne(consumer, stop.Token);
        await Assert.ThrowsAsync<InvalidOperationException>(() => ReadOne(consumer));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        Assert.Throws<InvalidOperationException>(() => consumer.Seek(new TopicPartition("t", 1), StartAt.End));
    }

    [Fact]
    public async Task Polling_fills_a_list_or_gives_up_in_time()
    {
        Cluster.Append(T0, "a", "b", "c");
        await using var consumer = Log.CreateConsumer<Unit, string>();
        consumer.Assign(T0, StartAt.Beginning);
        var records = new List<ConsumeResult<Unit, string>>();
        Assert.Equal(2, await PassTimeUntil(consumer.PollAsync(records, 2, Patience).AsTask()));
        Assert.Equal(1, await PassTimeUntil(consumer.PollAsync(records, 2, Patience).AsTask()));
        Assert.Equal(0, await PassTimeUntil(consumer.PollAsync(records, 2, TimeSpan.FromMilliseconds(100)).AsTask()));
        Assert.Equal(["a", "b", "c"], records.Select(static record => record.Value));
    }

    [Fact]
    public async Task Reading_ahead_has_a_bound_and_gives_its_memory_back()
    {
        for (var i = 0; i < 200; i++)
            Cluster.Append(T0, new string('x', 1_000));
        var consumer = Log.CreateConsumer<Unit, string>(new ConsumerOptions { FetchPartitionBytes = 4_000, PrefetchPartitionBytes = 12_000 });
        consumer.Assign(T0, StartAt.Beginning);
        await ReadOne(consumer);
        await Until(() => Cluster.LeasesOut == 3);
        var fetched = Cluster.FetchRequests;
        var offsets = new List<long>();
        await foreach (var record in consumer.ReadToEndAsync())
        {
            offsets.Add(record.Offset);
            Assert.InRange(Cluster.LeasesOut, 0, 4);
        }

        Assert.Equal(Enumerable.Range(1, 199).Select(static i => (long)i), offsets);
        Assert.InRange(fetched, 3, 4);
        await consumer.DisposeAsync();
        await Until(() => Cluster.LeasesOut == 0);
    }

    [Fact]
    public async Task A_small_budget_for_many_partitions_starves_none()
    {
        Cluster.AddTopic("many", 20);
        for (var i = 0; i < 400; i++)
            Cluster.Append(new TopicPartition("many", i % 20), new string('x', 900));
        await using var consumer = Log.CreateConsumer<Unit, string>(new ConsumerOptions { FetchPartitionBytes = 2_000, PrefetchBytes = 4_000 });
        await consumer.AssignTopicAsync("many", StartAt.Beginning);
        consumer.Pause(new TopicPartition("many", 3));
        var count = 0;
        await foreach (var _ in consumer.ReadToEndAsync())
            count++;
        Assert.Equal(380, count);
        consumer.Resume(new TopicPartition("many", 3));
        await foreach (var _ in consumer.ReadToEndAsync())
            count++;
        Assert.Equal(400, count);
    }

    [Fact]
    public async Task Borrowed_memory_is_valid_until_the_next_record()
    {
        Cluster.Append(T0, "a", null, "c");
        await using var consumer = Log.CreateConsumer<Unit, ReadOnlyMemory<byte>?>(valueDeserializer: Serializers.BorrowedMemory);
        consumer.Assign(T0, StartAt.Beginning);
        var read = new List<string?>();
        await foreach (var record in consumer.ReadToEndAsync())
            read.Add(record.Value is { } value ? System.Text.Encoding.UTF8.GetString(value.Span) : null);
        Assert.Equal(["a", null, "c"], read);
    }

    private static byte[] ControlBatch()
    {
        using var builder = new RecordBatchBuilder(new RecordBatchBuilderOptions { IsControl = true, ProducerId = 1, ProducerEpoch = 0, IsTransactional = true });
        Assert.True(builder.TryAppend(1, [0, 0, 0, 1], false, [0, 0, 0, 0, 0, 0], false));
        return builder.Build().ToArray();
    }
}
