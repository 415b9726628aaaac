using OrleansLog.TestKit;

namespace OrleansLog.Client.Tests;

public sealed class CommitTests : GroupTest
{
    private static GroupOptions Manual
    {
        get
        {
            var options = Options();
            options.AutoCommit = false;
            return options;
        }
    }

    [Fact]
    public async Task The_record_in_hand_is_not_committed_until_the_next_one_is_asked_for()
    {
        Fill(partitions: 1, recordsEach: 3);
        await using var consumer = Grouped.CreateConsumer<string, string>(FromTheStart);
        await using var reading = consumer.SubscribeAsync(Subscription.To("t"), Options()).GetAsyncEnumerator();
        for (var i = 0; i < 3; i++)
        {
            Assert.True(await PassTimeUntil(reading.MoveNextAsync().AsTask()));
            await PassTime(300);
            Assert.Equal(i, Coordinator.Committed(Group, T0));
        }

        var waiting = reading.MoveNextAsync().AsTask();
        await PassTimeUntil(() => Coordinator.Committed(Group, T0) == 3);
        Assert.False(waiting.IsCompleted);
        Cluster.Append(T0, "3");
        Assert.True(await PassTimeUntil(waiting));
    }

    [Fact]
    public async Task An_automatic_commit_that_throws_ends_nothing_and_is_made_again()
    {
        Fill(partitions: 1, recordsEach: 3);
        var way = new SwitchableCoordinator(Coordinator) { CommitsToFail = 2 };
        await using var client = LogClient.Create(Cluster, Cluster, Time, groupTransport: way);
        await using var consumer = client.CreateConsumer<string, string>(FromTheStart);
        await using var reading = consumer.SubscribeAsync(Subscription.To("t"), Options()).GetAsyncEnumerator();
        for (var i = 0; i < 3; i++)
            Assert.True(await PassTimeUntil(reading.MoveNextAsync().AsTask()));

        var waiting = reading.MoveNextAsync().AsTask();
        await PassTimeUntil(() => Coordinator.Committed(Group, T0) == 3);
        Cluster.Append(T0, "3");
        Assert.True(await PassTimeUntil(waiting));
    }

    [Fact]
    public async Task Leaving_the_loop_on_a_record_leaves_it_to_the_next_reader()
    {
        Fill(partitions: 1, recordsEach: 3);
        await using var consumer = Grouped.CreateConsumer<string, string>(FromTheStart);
        var read = 0;
        await PassTimeUntil(Task.Run(async () =>
        {
            await foreach (var record in consumer.SubscribeAsync(Subscription.To("t"), Options()))
            {
                if (++read == 2)
                    break;
            }
        }));
        Assert.Equal(1, Coordinator.Committed(Group, T0));
        Assert.Single(Coordinator.Leaves);
    }

    [Fact]
    public async Task Cancelling_finishes_the_record_in_hand_and_commits_it()
    {
        Fill(partitions: 1, recordsEach: 3);
        using var stop = new CancellationTokenSource();
        await using var consumer = Grouped.CreateConsumer<string, string>(FromTheStart);
        var reading = Task.Run(async () =>
        {
            await foreach (var record in consumer.SubscribeAsync(Subscription.To("t"), Options(), stop.Token))
            {
                if (record.Offset == 1)
                    stop.Cancel();
            }
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => PassTimeUntil(reading));
        Assert.Equal(2, Coordinator.Committed(Group, T0));
        Assert.Single(Coordinator.Leaves);
    }

    [Fact]
    public async Task Without_automatic_commits_only_what_is_asked_for_is_committed()
    {
        Fill(partitions: 2, recordsEach: 3);
        var member = Join(Manual);
        await PassTimeUntilRead(6, member);
        await PassTime(500);
        Assert.Empty(Coordinator.Commits);
        var t1 = new TopicPartition("t", 1);
        await PassTimeUntil(member.Consumer.CommitAsync([new TopicPartitionOffset(t1, 2, "half way", 7)]).AsTask());
        var committed = await member.Consumer.CommittedAsync([T0, t1]);
        Assert.Equal([-1, 2], committed.Select(static offset => offset.Offset));
        Assert.Equal(("half way", 7), (committed[1].Metadata, committed[1].LeaderEpoch));
        await PassTimeUntil(member.Consumer.CommitAsync().AsTask());
        Assert.Equal([3, 3], (await member.Consumer.CommittedAsync([T0, t1])).Select(static offset => offset.Offset));
        await PassTimeUntil(member.DisposeAsync().AsTask());
        Assert.Equal(2, Coordinator.Commits.Count);
    }

    [Fact]
    public async Task Committing_by_hand_includes_the_record_in_hand()
    {
        Fill(partitions: 1, recordsEach: 2);
        await using var member = Join(Manual, prepare: self => self.OnRecord = _ => self.Consumer.CommitAsync().AsTask());
        await PassTimeUntil(() => member.Read.Count >= 2 && Coordinator.Committed(Group, T0) == 2);
        Assert.Equal([1, 2], Coordinator.Commits.Select(static commit => commit.Offsets[0].Offset));
    }

    [Fact]
    public async Task Automatic_commits_do_not_go_back_behind_what_was_committed_by_hand()
    {
        Fill(partitions: 1, recordsEach: 3);
        await using (var consumer = Grouped.CreateConsumer<string, string>(FromTheStart))
        {
            await using var reading = consumer.SubscribeAsync(Subscription.To("t"), Options()).GetAsyncEnumerator();
            Assert.True(await PassTimeUntil(reading.MoveNextAsync().AsTask()));
            Assert.True(await PassTimeUntil(reading.MoveNextAsync().AsTask()));
            await PassTimeUntil(consumer.CommitAsync().AsTask());
            await PassTime(300);
        }

        Assert.Equal(2, Coordinator.Committed(Group, T0));
    }

    [Fact]
    public async Task A_read_to_the_end_in_a_group_ends_with_what_the_group_assigned()
    {
        Fill(partitions: 2, recordsEach: 3);
        await using var consumer = Grouped.CreateConsumer<string, string>(FromTheStart);
        consumer.Subscribe(Subscription.To("t"), Options());
        var read = Task.Run(async () =>
        {
            var offsets = new List<long>();
            await foreach (var record in consumer.ReadToEndAsync())
                offsets.Add(record.Offset);
            return offsets;
        });
        Assert.Equal([0L, 0, 1, 1, 2, 2], (await PassTimeUntil(read)).Order());
        await PassTimeUntil(consumer.UnsubscribeAsync().AsTask());
        Assert.Equal(3, Coordinator.Committed(Group, T0));
    }

    [Fact]
    public async Task A_commit_for_partitions_of_others_is_refused()
    {
        Fill(partitions: 2, recordsEach: 1);
        await using var member = Join(Manual);
        await PassTimeUntilRead(2, member);
        await Assert.ThrowsAsync<CommitFailedException>(() => PassTimeUntil(member.Consumer.CommitAsync([new(new("u", 0), 1)]).AsTask()));
        Coordinator.OnCall = static call => call is CommitOffsetsCall ? ErrorCode.UnknownMemberId : null;
        var error = await Assert.ThrowsAsync<CommitFailedException>(() => PassTimeUntil(member.Consumer.CommitAsync().AsTask()));
        Assert.False(error.IsRetriable);
        await PassTimeUntil(() => member.Events.Contains("!0,1"));
    }

    [Fact]
    public async Task A_commit_waits_for_a_coordinator_that_is_away_but_not_for_ever()
    {
        Fill(partitions: 1, recordsEach: 1);
        await using var member = Join(Manual, options: new ConsumerOptions { AutoOffsetReset = AutoOffsetReset.Earliest, ApiTimeoutMs = 2_000 });
        await PassTimeUntilRead(1, member);
        var left = 3;
        Coordinator.OnCall = call => call is CommitOffsetsCall && left-- > 0 ? ErrorCode.NotCoordinator : null;
        await PassTimeUntil(member.Consumer.CommitAsync().AsTask());
        Assert.Equal(1, Coordinator.Committed(Group, T0));
        Cluster.Append(T0, "1");
        await PassTimeUntilRead(2, member);
        left = int.MaxValue;
        var error = await Assert.ThrowsAsync<LogException>(() => PassTimeUntil(member.Consumer.CommitAsync().AsTask()));
        Assert.Equal(ErrorCode.NotCoordinator, error.Code);
    }

    [Fact]
    public async Task What_a_commit_says_too_much_is_thrown_as_it_is()
    {
        Fill(partitions: 1, recordsEach: 1);
        await using var member = Join(Manual);
        await PassTimeUntilRead(1, member);
        Coordinator.OnCall = static call => call is CommitOffsetsCall ? ErrorCode.OffsetMetadataTooLarge : null;
        var error = await Assert.ThrowsAsync<LogException>(() => PassTimeUntil(member.Consumer.CommitAsync([new(T0, 1, "long")]).AsTask()));
        Assert.Equal(ErrorCode.OffsetMetadataTooLarge, error.Code);
    }

    [Fact]
    public async Task Partitions_that_go_are_committed_before_the_group_goes_on()
    {
        Fill(partitions: 2, recordsEach: 5);
        var options = Options();
        options.AutoCommitIntervalMs = 1_000_000;
        await using var a = Join(options);
        await PassTimeUntilRead(10, a);
        Assert.Empty(Coordinator.Commits);
        await using var b = Join();
        await PassTimeUntil(() => b.Assignment.Length == 1);
        Assert.Equal(5, Coordinator.Committed(Group, b.Assignment[0]));
        Cluster.Append(b.Assignment[0], "late");
        await PassTimeUntilRead(1, b);
        Assert.Equal(5, b.Read[0].Offset);
    }

    [Fact]
    public async Task A_handler_may_commit_and_seek_and_what_it_throws_is_thrown_by_the_read()
    {
        Fill(partitions: 1, recordsEach: 5);
        var options = Manual;
        var member = Join(options, prepare: self =>
        {
            options.OnAssigned = (partitions, token) =>
            {
                self.Consumer.Seek(T0, StartAt.Offset(3));
                return default;
            };
            options.OnRevoked = (partitions, token) => self.Consumer.CommitAsync(token);
        });
        await using (member)
            await PassTimeUntilRead(2, member);
        Assert.Equal([3, 4], member.Read.Select(static record => record.Offset));
        Assert.Equal(5, Coordinator.Committed(Group, T0));

        var bad = Options();
        bad.OnAssigned = static (_, _) => throw new InvalidDataException("no");
        await using var failing = Join(bad);
        await Assert.ThrowsAsync<InvalidDataException>(() => PassTimeUntil(failing.Running));
    }

    [Fact]
    public async Task What_a_poll_returned_is_done_with_the_next_poll()
    {
        Fill(partitions: 1, recordsEach: 4);
        await using var consumer = Grouped.CreateConsumer<string, string>(FromTheStart);
        consumer.Subscribe(Subscription.To("t"), Options());
        var read = new List<ConsumeResult<string, string>>();
        Assert.Equal(2, await PassTimeUntil(consumer.PollAsync(read, 2, TimeSpan.FromSeconds(10)).AsTask()));
        await PassTime(300);
        Assert.Equal(0, Coordinator.Committed(Group, T0));
        Assert.Equal(2, await PassTimeUntil(consumer.PollAsync(read, 2, TimeSpan.FromSeconds(10)).AsTask()));
        await PassTimeUntil(() => Coordinator.Committed(Group, T0) == 2);
        Assert.Equal(0, await PassTimeUntil(consumer.PollAsync(read, 2, TimeSpan.FromMilliseconds(10)).AsTask()));
        await PassTimeUntil(() => Coordinator.Committed(Group, T0) == 4);
        await PassTimeUntil(consumer.UnsubscribeAsync().AsTask());
        Assert.Equal([0L, 1, 2, 3], read.Select(static record => record.Offset));
        Assert.Single(Coordinator.Leaves);
    }

    [Fact]
    public async Task Partitions_are_not_taken_from_under_what_a_poll_returned()
    {
        Fill(partitions: 1, recordsEach: 4);
        var onRecord = new CalledForEachKey();
        TestMember? other = null;
        var isRevoked = false;
        var options = Options(GroupAssignor.Range);
        options.OnRevoked = (_, _) =>
        {
            Volatile.Write(ref isRevoked, true);
            return ValueTask.CompletedTask;
        };
        await using var consumer = Grouped.CreateConsumer<string, string>(FromTheStart, keyDeserializer: onRecord);
        consumer.Subscribe(Subscription.To("t"), options);
        var read = new List<ConsumeResult<string, string>>();
        Assert.Equal(1, await PassTimeUntil(consumer.PollAsync(read, 1, TimeSpan.FromSeconds(10)).AsTask()));

        // The others are buffered, so this poll does not wait. While it reads the first of them, somebody else joins.
        onRecord.Call = () =>
        {
            onRecord.Call = static () => { };
            other = Join(Options(GroupAssignor.Range));
            PassTimeUntil(() => Coordinator[Group].State == FakeState.Preparing).GetAwaiter().GetResult();
            PassTime(200).GetAwaiter().GetResult();
        };
        Assert.Equal(1, await OwnThread.RunAsync(() => consumer.PollAsync(read, 4, TimeSpan.FromSeconds(10)).AsTask()).Unwrap());
        await PassTime(200);
        Assert.False(isRevoked);
        await PassTimeUntil(consumer.PollAsync(read, 4, TimeSpan.FromSeconds(1)).AsTask());
        Assert.True(isRevoked);
        await PassTimeUntil(() => read.Count + other!.Read.Count >= 4);
        Assert.Equal([0L, 1, 2, 3], read.Concat(other!.Read).Select(static record => record.Offset).Order());
        await other.DisposeAsync();
    }

    [Fact]
    public async Task Assigning_by_hand_and_subscribing_exclude_each_other()
    {
        await using var consumer = Grouped.CreateConsumer<string, string>();
        await Assert.ThrowsAsync<InvalidOperationException>(() => consumer.CommitAsync().AsTask());
        consumer.Assign(T0);
        Assert.Throws<InvalidOperationException>(() => consumer.Subscribe(Subscription.To("t"), Options()));
        consumer.Unassign();
        consumer.Subscribe(Subscription.To("t"), Options());
        Assert.Throws<InvalidOperationException>(() => consumer.Assign(T0));
        Assert.Throws<InvalidOperationException>(() => consumer.Subscribe(Subscription.To("t"), Options()));
        Assert.Throws<ArgumentException>(() => consumer.Subscribe(Subscription.To("t"), new GroupOptions()));
        await PassTimeUntil(consumer.UnsubscribeAsync().AsTask());
        consumer.Assign(T0);
    }
}
