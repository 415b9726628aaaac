namespace OrleansLog.Client.Tests;

/// <summary>What is committed at a real broker, and where the next member goes on.</summary>
public sealed class CommittingTests(SiloFixture silo) : BrokerGroupTest(silo)
{
    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Automatic_commits_are_where_the_next_member_goes_on(Form form)
    {
        var log = Silo.Client(form);
        await log.Admin.CreateTopicAsync(Topic, 3);
        await WriteAsync(log, Topic, 3, 10);
        await using (var first = Join(log))
        {
            await UntilRead(30, first);
            first.Stop();
            await first.Running.WaitAsync(Patience);
        }

        var committed = await log.Admin.ListGroupOffsetsAsync(Group);
        Assert.Equal([10, 10, 10], committed.Select(static offset => offset.Offset));
        await WriteAsync(log, Topic, 3, 1);
        await using var second = Join(log);
        await UntilRead(3, second);
        Assert.All(second.Read, static record => Assert.Equal(10, record.Offset));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Commits_by_hand_go_through_while_others_come_and_go(Form form)
    {
        var log = Silo.Client(form);
        await log.Admin.CreateTopicAsync(Topic, 6);
        await WriteAsync(log, Topic, 6, 400);
        var options = Options();
        options.AutoCommit = false;
        await using var a = Join(log, options, prepare: self => self.OnRecord = record => self.Consumer.CommitAsync([TopicPartitionOffset.After(record, "note")]).AsTask());
        await Until(() => a.Read.Count > 20, a);
        for (var round = 0; round < 3; round++)
        {
            await using var b = Join(log);
            await using var c = Join(log);
            await Until(() => b.Assignment.Length == 2 && c.Assignment.Length == 2, a, b, c);
        }

        Assert.DoesNotContain(a.Events, static told => told[0] == '!');
        await Until(async () => a.Running.IsCompleted || await IsCaughtUpAsync(log, 6));
        Assert.False(a.Running.IsCompleted, $"{a.Running.Exception}");
        Assert.Equal(2_400, (await log.Admin.ListGroupOffsetsAsync(Group)).Sum(static offset => offset.Offset));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task A_commit_keeps_note_and_epoch_and_is_refused_for_what_others_have(Form form)
    {
        var log = Silo.Client(form);
        await log.Admin.CreateTopicAsync(Topic, 1);
        await WriteAsync(log, Topic, 1, 2);
        var options = Options();
        options.AutoCommit = false;
        await using var a = Join(log, options);
        await UntilRead(2, a);
        await a.Consumer.CommitAsync([TopicPartitionOffset.After(a.Read[0], "a note")]);
        var kept = Assert.Single(await a.Consumer.CommittedAsync([new TopicPartition(Topic, 0)]));
        Assert.Equal((1L, "a note", a.Read[0].LeaderEpoch), (kept.Offset, kept.Metadata, kept.LeaderEpoch));
        await a.Consumer.CommitAsync([new TopicPartitionOffset(new TopicPartition(Topic, 0), 2, "")]);
        Assert.Equal(-1, Assert.Single(await a.Consumer.CommittedAsync([new TopicPartition(Topic, 0)])).LeaderEpoch);
        await Assert.ThrowsAsync<CommitFailedException>(() => a.Consumer.CommitAsync([new TopicPartitionOffset(new TopicPartition(Topic, 5), 1)]).AsTask());
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Where_nothing_is_committed_the_reset_decides(Form form)
    {
        var log = Silo.Client(form);
        await log.Admin.CreateTopicAsync(Topic, 1);
        await WriteAsync(log, Topic, 1, 3);
        var options = FromTheStart;
        options.AutoOffsetReset = AutoOffsetReset.Latest;
        await using var member = Join(log, options: options);
        await Until(() => member.Assignment.Length == 1, member);
        Assert.Equal(3, await member.Consumer.PositionAsync(new TopicPartition(Topic, 0)));
        await WriteAsync(log, Topic, 1, 1);
        await UntilRead(1, member);
        Assert.Equal(3, member.Read[0].Offset);
        await member.DisposeAsync();

        // What is committed does not exist any more: the reset decides again.
        await log.Admin.AlterGroupOffsetsAsync(Group, [new TopicPartitionOffset(new TopicPartition(Topic, 0), 100)]);
        await using var back = Join(log);
        await UntilRead(4, back);
        Assert.Equal(0, back.Read[0].Offset);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Topics_that_appear_grow_and_go_are_followed(Form form)
    {
        var log = Silo.Client(form);
        await log.Admin.CreateTopicAsync($"{Topic}-a", 1);
        await using var member = Join(log, topics: Subscription.Matching($"{Topic}-.*"));
        await Until(() => member.Assignment.Length == 1, member);
        await log.Admin.CreateTopicAsync($"{Topic}-b", 2);
        await Until(() => member.Assignment.Length == 3, member);
        await log.Admin.GrowTopicAsync($"{Topic}-b", 4);
        await Until(() => member.Assignment.Length == 5, member);
        await WriteAsync(log, $"{Topic}-b", 4, 1);
        await UntilRead(4, member);
        await log.Admin.DeleteTopicAsync($"{Topic}-b");
        await Until(() => member.Assignment.Length == 1, member);
        await WriteAsync(log, $"{Topic}-a", 1, 1);
        await UntilRead(5, member);
        Assert.False(member.Running.IsCompleted);
    }
}
