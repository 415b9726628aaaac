using OrleansLog.Protocol.Records;

namespace OrleansLog.Client.Tests;

public sealed class ConsumerErrorTests : ClientTest
{
    [Fact]
    public async Task A_damaged_batch_is_told_and_can_be_skipped()
    {
        Cluster.Append(T0, "a");
        var offset = Cluster.Append(T0, "b");
        Cluster.Append(T0, "c");
        Cluster[T0].Snapshot()[1][66] ^= 1;
        await using var consumer = Log.CreateConsumer<Unit, string>();
        consumer.Assign(T0, StartAt.Beginning);
        Assert.Equal("a", (await ReadOne(consumer)).Value);
        for (var i = 0; i < 2; i++)
        {
            var error = await Assert.ThrowsAsync<CorruptRecordException>(() => ReadOne(consumer));
            Assert.Equal(offset, error.Offset);
        }

        consumer.Seek(T0, StartAt.Offset(offset + 1));
        Assert.Equal("c", (await ReadOne(consumer)).Value);
    }

    [Fact]
    public async Task Refusals_that_pass_are_not_seen_by_the_reader()
    {
        Cluster.Append(T0, "a");
        var refusals = 3;
        Cluster.OnFetch = _ => refusals-- > 0 ? ErrorCode.NotLeaderOrFollower : ErrorCode.None;
        await using var consumer = Log.CreateConsumer<Unit, string>();
        consumer.Assign(T0, StartAt.Beginning);
        Assert.Equal("a", (await PassTimeUntil(ReadOne(consumer))).Value);
    }

    [Fact]
    public async Task What_was_truncated_behind_the_readers_back_is_told()
    {
        Cluster.Append(T0, "a");
        Cluster.Append(T0, "b");
        Cluster.Append(T0, "c");
        await using var consumer = Log.CreateConsumer<Unit, string>(new ConsumerOptions { AutoOffsetReset = AutoOffsetReset.None });
        consumer.Assign(T0, StartAt.Beginning);
        for (var i = 0; i < 3; i++)
            await PassTimeUntil(ReadOne(consumer));

        int? asked = null;
        Cluster.OnHistory = wanted =>
        {
            asked = wanted.LastFetchedEpoch;
            return wanted.FetchOffset > 1 ? new EpochEndOffset(0, 1) : null;
        };
        Cluster.Append(T0, "d");
        var error = await Assert.ThrowsAsync<LogTruncationException>(() => PassTimeUntil(ReadOne(consumer)));
        Assert.Equal((T0, 3L, 1L), (error.Partition, error.Offset, error.DivergingOffset));
        Assert.NotNull(asked);

        consumer.Seek(T0, StartAt.Offset(1));
        Assert.Equal("b", (await PassTimeUntil(ReadOne(consumer))).Value);
    }

    [Fact]
    public async Task With_a_reset_policy_a_truncated_reader_goes_on_where_the_histories_part()
    {
        Cluster.Append(T0, "a");
        Cluster.Append(T0, "b");
        await using var consumer = Log.CreateConsumer<Unit, string>(new ConsumerOptions { AutoOffsetReset = AutoOffsetReset.Latest });
        consumer.Assign(T0, StartAt.Beginning);
        await using var reading = consumer.ReadAllAsync().GetAsyncEnumerator();
        for (var i = 0; i < 2; i++)
            Assert.True(await PassTimeUntil(reading.MoveNextAsync().AsTask()));

        Cluster.OnHistory = static wanted => wanted.FetchOffset > 1 && wanted.LastFetchedEpoch is not null ? new EpochEndOffset(0, 1) : null;
        Cluster.Append(T0, "c");
        Assert.True(await PassTimeUntil(reading.MoveNextAsync().AsTask()));
        Assert.Equal((1L, "b"), (reading.Current.Offset, reading.Current.Value));
    }

    [Fact]
    public async Task Errors_that_stay_are_thrown()
    {
        Cluster.Append(T0, "a");
        Cluster.OnFetch = static _ => ErrorCode.TopicAuthorizationFailed;
        await using var consumer = Log.CreateConsumer<Unit, string>();
        consumer.Assign(T0, StartAt.Beginning);
        var error = await Assert.ThrowsAsync<LogException>(() => PassTimeUntil(ReadOne(consumer)));
        Assert.Equal(ErrorCode.TopicAuthorizationFailed, error.Code);

        consumer.Assign([new TopicPartition("typo", 0)], StartAt.Beginning);
        await Assert.ThrowsAsync<UnknownTopicException>(() => PassTimeUntil(ReadOne(consumer)));
    }
}
