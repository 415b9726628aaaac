using OrleansLog.Protocol;

namespace OrleansLog.Client.Tests;

public sealed class ProducerFlowTests : ClientTest
{
    [Fact]
    public async Task A_full_buffer_makes_callers_wait_until_there_is_room()
    {
        var held = new TaskCompletionSource();
        Cluster.OnProduce = async _ =>
        {
            await held.Task;
            return null;
        };
        var options = new ProducerOptions { LingerMs = 0, BatchBytes = 4096, BufferMemoryBytes = 16 * 1024, MaxRecordBytes = 4096 };
        await using var producer = Log.CreateProducer<Unit, byte[]>(options);
        var handled = 0;
        DeliveryHandler handler = (in DeliveryReport report) =>
        {
            Assert.Null(report.Error);
            Interlocked.Increment(ref handled);
        };
        var produced = 0;
        ValueTask waiting = default;
        await producer.Produce("t", default, new byte[500], handler);
        while (waiting.IsCompleted)
        {
            waiting = producer.Produce("t", default, new byte[500], handler);
            produced++;
            Assert.True(produced < 100, "The buffer has no bound.");
        }

        Assert.InRange(produced, 20, 33);
        held.SetResult();
        await waiting;
        await PassTimeUntil(producer.FlushAsync());
        Assert.Equal(produced + 1, Volatile.Read(ref handled));
    }

    [Fact]
    public async Task A_buffer_that_stays_full_is_an_error_in_the_end()
    {
        Cluster.OnProduce = async _ =>
        {
            await Task.Delay(TimeSpan.FromSeconds(10), Time);
            return null;
        };
        var options = new ProducerOptions { BatchBytes = 4096, BufferMemoryBytes = 8 * 1024, MaxRecordBytes = 4096, MaxBlockMs = 1_000 };
        await using var producer = Log.CreateProducer<Unit, byte[]>(options);
        var error = await Assert.ThrowsAsync<BufferFullException>(async () =>
        {
            for (var i = 0; i < 10; i++)
                await PassTimeUntil(producer.Produce("t", default, new byte[3_000]).AsTask());
        });
        Assert.Contains("BufferMemoryBytes", error.Message, StringComparison.Ordinal);
        Assert.True(error.IsRetriable);
        await PassTimeUntil(producer.CloseAsync());
    }

    [Fact]
    public async Task Waiting_for_room_can_be_cancelled_and_does_not_block_those_behind()
    {
        var held = new TaskCompletionSource();
        Cluster.OnMetadata = () => new ValueTask(held.Task);
        await using var producer = Log.CreateProducer<Unit, string>();
        using var cancelled = new CancellationTokenSource();
        var first = producer.ProduceAsync("t", default, "1").AsTask();
        var second = producer.ProduceAsync("t", default, "2", cancelled.Token).AsTask();
        var third = producer.ProduceAsync("t", default, "3").AsTask();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        held.SetResult();
        await PassTimeUntil(Task.WhenAll(first, third));
        Assert.Equal(["1", "3"], Cluster.Read(T0).Select(static record => record.Value));
    }

    [Fact]
    public async Task Flush_does_not_linger_and_waits_for_every_handler()
    {
        await using var producer = Log.CreateProducer<Unit, string>(new ProducerOptions { LingerMs = 900_000, DeliveryTimeoutMs = 900_000 });
        var offsets = new List<long>();
        DeliveryHandler handler = (in DeliveryReport report) => offsets.Add(report.Offset);
        for (var i = 0; i < 100; i++)
            await producer.Produce("t", default, $"{i}", handler);
        await producer.FlushAsync();
        Assert.Equal(Enumerable.Range(0, 100).Select(static i => (long)i), offsets);
        await producer.FlushAsync();
    }

    [Fact]
    public async Task Flush_covers_calls_that_still_wait_for_metadata()
    {
        var held = new TaskCompletionSource();
        Cluster.OnMetadata = () => new ValueTask(held.Task);
        await using var producer = Log.CreateProducer<Unit, string>(new ProducerOptions { LingerMs = 900_000, DeliveryTimeoutMs = 900_000 });
        var delivery = producer.ProduceAsync("t", default, "x").AsTask();
        var flush = producer.FlushAsync();
        Assert.False(flush.IsCompleted);
        held.SetResult();
        await flush;
        await delivery;
    }

    [Fact]
    public async Task A_handler_that_throws_harms_nobody_else()
    {
        await using var producer = Log.CreateProducer<Unit, string>();
        var handled = new List<object?>();
        DeliveryHandler handler = (in DeliveryReport report) =>
        {
            handled.Add(report.State);
            throw new InvalidOperationException("A bad handler.");
        };
        for (var i = 0; i < 3; i++)
            await producer.Produce("t", default, "x", handler, i);
        await PassTimeUntil(producer.FlushAsync());
        Assert.Equal([0, 1, 2], handled.Cast<int>());
    }

    [Fact]
    public async Task Closing_delivers_what_was_accepted_and_refuses_more()
    {
        var producer = Log.CreateProducer<Unit, string>(new ProducerOptions { LingerMs = 900_000, DeliveryTimeoutMs = 900_000 });
        var delivery = producer.ProduceAsync("t", default, "x").AsTask();
        await producer.DisposeAsync();
        Assert.Equal(0, (await delivery).Offset);
        var error = await Assert.ThrowsAsync<ProducerClosedException>(() => producer.ProduceAsync("t", default, "y").AsTask());
        Assert.True(error.IsFatal);
        await producer.DisposeAsync();
    }

    [Fact]
    public async Task Closing_in_a_hurry_tells_what_was_sent_from_what_was_not()
    {
        var held = new TaskCompletionSource();
        var started = new TaskCompletionSource();
        Cluster.OnProduce = async _ =>
        {
            started.TrySetResult();
            await held.Task;
            return null;
        };
        var producer = Log.CreateProducer<Unit, string>(new ProducerOptions { LingerMs = 0 });
        var sent = producer.ProduceAsync("t", default, "sent").AsTask();
        await started.Task;
        var waiting = producer.ProduceAsync("t", default, "waiting").AsTask();
        var nowhere = producer.ProduceAsync("elsewhere", default, "x").AsTask();
        await producer.CloseAsync(new CancellationToken(canceled: true));
        await Assert.ThrowsAsync<DeliveryUnknownException>(() => sent);
        await Assert.ThrowsAsync<ProducerClosedException>(() => waiting);
        await Assert.ThrowsAsync<ProducerClosedException>(() => nowhere);
        held.SetResult();
    }

    [Fact]
    public async Task Keys_go_where_the_java_client_sends_them()
    {
        Cluster.AddTopic("many", 12);
        await using var producer = Log.CreateProducer<string, string>();
        for (var i = 0; i < 50; i++)
        {
            var delivery = await PassTimeUntil(producer.ProduceAsync("many", $"key-{i}", "x").AsTask());
            Assert.Equal(Murmur2.Partition(System.Text.Encoding.UTF8.GetBytes($"key-{i}"), 12), delivery.Partition);
        }
    }

    [Fact]
    public async Task Records_without_key_stick_to_a_partition_for_a_batch_and_then_move_on()
    {
        Cluster.AddTopic("many", 6);
        await using var producer = Log.CreateProducer<Unit, byte[]>(new ProducerOptions { BatchBytes = 2048, LingerMs = 0 });
        var partitions = new List<int>();
        DeliveryHandler handler = (in DeliveryReport report) =>
        {
            lock (partitions)
                partitions.Add(report.Partition);
        };
        for (var i = 0; i < 400; i++)
            await producer.Produce("many", default, new byte[200], handler);
        await PassTimeUntil(producer.FlushAsync());
        Assert.Equal(400, partitions.Count);
        Assert.InRange(partitions.Distinct().Count(), 2, 6);
        Assert.All(Cluster.Produced.Take(Cluster.Produced.Count - 6), static batch => Assert.True(batch.Records >= 1));
    }

    [Fact]
    public async Task A_named_partition_and_a_partitioner_of_ones_own_are_obeyed()
    {
        Cluster.AddTopic("many", 6);
        await using var named = Log.CreateProducer<string, string>();
        var delivery = await PassTimeUntil(named.ProduceAsync(new ProducerRecord<string, string>("many", "k", "v") { Partition = 5 }).AsTask());
        Assert.Equal(5, delivery.Partition);
        await Assert.ThrowsAsync<UnknownTopicException>(() => PassTimeUntil(
            named.ProduceAsync(new ProducerRecord<string, string>("many", "k", "v") { Partition = 6 }).AsTask()));

        await using var own = Log.CreateProducer<string, string>(new ProducerOptions { Partitioner = new Last() });
        Assert.Equal(5, (await PassTimeUntil(own.ProduceAsync("many", "k", "v").AsTask())).Partition);
        await using var robin = Log.CreateProducer<string, string>(new ProducerOptions { Partitioner = Partitioner.RoundRobin() });
        for (var i = 0; i < 6; i++)
            Assert.Equal(i, (await PassTimeUntil(robin.ProduceAsync("many", "k", "v").AsTask())).Partition);
    }

    [Fact]
    public async Task A_topic_that_grows_is_noticed_once_its_metadata_is_old()
    {
        await using var producer = Log.CreateProducer<Unit, string>(new ProducerOptions { MetadataMaxAgeMs = 1_000, Partitioner = new Last() });
        Assert.Equal(0, (await PassTimeUntil(producer.ProduceAsync("t", default, "x").AsTask())).Partition);
        Cluster.AddTopic("t", 4);
        Time.Advance(TimeSpan.FromSeconds(2));
        var partition = 0;
        for (var i = 0; i < 100 && partition == 0; i++)
            partition = (await PassTimeUntil(producer.ProduceAsync("t", default, "x").AsTask())).Partition;
        Assert.Equal(3, partition);
    }

    private sealed class Last : IPartitioner
    {
        public int Choose(string topic, ReadOnlySpan<byte> key, bool keyIsNull, int partitionCount) => partitionCount - 1;
    }
}
