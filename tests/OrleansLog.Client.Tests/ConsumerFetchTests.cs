using System.Text;

namespace OrleansLog.Client.Tests;

/// <summary>What a consumer asks the brokers for beside its reader, and whose memory the answers are.</summary>
public sealed class ConsumerFetchTests : ClientTest
{
    private const int FetchesMax = 100;

    [Fact]
    public async Task A_partition_is_asked_for_once_while_metadata_of_its_topic_is_asked_for()
    {
        var missing = new TopicPartition("t", 1);
        await using (var producer = Log.CreateProducer<Unit, string>())
            await PassTimeUntil(producer.ProduceAsync(new ProducerRecord<Unit, string>("t", default, "a")).AsTask()); // The client knows the topic from here on.

        await using var consumer = Log.CreateConsumer<Unit, string>(new ConsumerOptions { FetchMaxWaitMs = 60_000, UnknownTopicRetryMs = 60_000 });
        consumer.Assign([T0, missing], StartAt.Offset(1));
        var asked = Cluster.MetadataRequests;
        await PassTimeUntil(() => Cluster.MetadataRequests >= asked + 3);
        Assert.Equal(1, Cluster.FetchRequests);

        foreach (var value in (string[])["b", "c", "d"])
        {
            Cluster.Append(T0, value);
            Assert.Equal(value, (await PassTimeUntil(ReadOne(consumer))).Value);
        }
    }

    [Fact]
    public async Task What_was_read_before_a_truncation_is_handed_over_before_the_reader_goes_back()
    {
        await using var consumer = Log.CreateConsumer<Unit, string>(new ConsumerOptions { AutoOffsetReset = AutoOffsetReset.Latest });
        await using var reading = await ReadFirstOfTwo(consumer);
        await TruncateAt(1);
        var read = new List<long>();
        for (var i = 0; i < 3; i++)
        {
            Assert.True(await PassTimeUntil(reading.MoveNextAsync().AsTask()));
            read.Add(reading.Current.Offset);
        }

        Assert.Equal([1L, 1, 2], read);
    }

    [Fact]
    public async Task A_truncation_is_told_with_the_offset_that_the_program_has_come_to()
    {
        await using var consumer = Log.CreateConsumer<Unit, string>(new ConsumerOptions { AutoOffsetReset = AutoOffsetReset.None });
        await using var reading = await ReadFirstOfTwo(consumer);
        await TruncateAt(1);
        Assert.True(await PassTimeUntil(reading.MoveNextAsync().AsTask()));
        Assert.Equal(1, reading.Current.Offset);
        var error = await Assert.ThrowsAsync<LogTruncationException>(() => PassTimeUntil(reading.MoveNextAsync().AsTask()));
        Assert.Equal((2L, 1L), (error.Offset, error.DivergingOffset));
    }

    [Fact]
    public async Task An_offset_that_is_gone_is_asked_for_again_when_what_was_read_before_is_handed_over()
    {
        var refusals = 0;
        await using var consumer = Log.CreateConsumer<Unit, string>(new ConsumerOptions { AutoOffsetReset = AutoOffsetReset.Earliest });
        await using var reading = await ReadFirstOfTwo(consumer);
        Cluster.OnFetch = wanted => wanted.FetchOffset < 2 ? ErrorCode.None
            : Interlocked.Increment(ref refusals) < FetchesMax ? ErrorCode.OffsetOutOfRange : ErrorCode.TopicAuthorizationFailed;
        Cluster.Append(T0, "c");
        await PassTime();
        Assert.Equal(1, refusals);
        Assert.True(await PassTimeUntil(reading.MoveNextAsync().AsTask()));
        Assert.Equal(1, reading.Current.Offset);
        Assert.True(await PassTimeUntil(reading.MoveNextAsync().AsTask()));
        Assert.Equal(0, reading.Current.Offset);
    }

    [Fact]
    public async Task Memory_that_a_poll_has_lent_stays_until_the_next_one()
    {
        Cluster.Append(T0, "a", "b");
        var onRecord = new CalledForEachKey();
        await using var consumer = Log.CreateConsumer<string, ReadOnlyMemory<byte>?>(keyDeserializer: onRecord, valueDeserializer: Serializers.BorrowedMemory);
        onRecord.Call = () => consumer.Pause(T0);
        consumer.Assign(T0, StartAt.Beginning);
        var records = new List<ConsumeResult<string, ReadOnlyMemory<byte>?>>();
        Assert.Equal(1, await PassTimeUntil(consumer.PollAsync(records, 2, Patience).AsTask()));
        consumer.Unassign();
        await PassTime();
        Assert.Equal("a", Encoding.UTF8.GetString(records[0].Value!.Value.Span));
        Assert.Equal(1, Cluster.LeasesOut);
        Assert.Equal(0, await PassTimeUntil(consumer.PollAsync(records, 2, TimeSpan.FromMilliseconds(10)).AsTask()));
        Assert.Equal(0, Cluster.LeasesOut);
    }

    // The reader has the first record in hand, and the consumer the second one; the question for the third one is out.
    private async Task<IAsyncEnumerator<ConsumeResult<Unit, string>>> ReadFirstOfTwo(ILogConsumer<Unit, string> consumer)
    {
        Cluster.Append(T0, "a");
        Cluster.Append(T0, "b");
        consumer.Assign(T0, StartAt.Beginning);
        var reading = consumer.ReadAllAsync().GetAsyncEnumerator();
        Assert.True(await PassTimeUntil(reading.MoveNextAsync().AsTask()));
        await PassTimeUntil(() => Cluster.FetchRequests >= 2);
        return reading;
    }

    private async Task TruncateAt(long offset)
    {
        var asked = 0;
        Cluster.OnFetch = _ => Volatile.Read(ref asked) < FetchesMax ? ErrorCode.None : ErrorCode.TopicAuthorizationFailed;
        Cluster.OnHistory = wanted =>
        {
            if (wanted.FetchOffset <= offset || wanted.LastFetchedEpoch is null)
                return null;
            Interlocked.Increment(ref asked);
            return new EpochEndOffset(0, offset);
        };
        Cluster.Append(T0, "c");
        await PassTime();
        Assert.Equal(1, asked);
    }

    private Task PassTime()
    {
        var end = Time.GetUtcNow().AddMilliseconds(300);
        return PassTimeUntil(() => Time.GetUtcNow() >= end);
    }
}

/// <summary>Does something whenever a record is read.</summary>
internal sealed class CalledForEachKey : IDeserializer<string>
{
    public Action Call { get; set; } = static () => { };

    public string Deserialize(ReadOnlySpan<byte> data, bool isNull)
    {
        Call();
        return Encoding.UTF8.GetString(data);
    }
}
