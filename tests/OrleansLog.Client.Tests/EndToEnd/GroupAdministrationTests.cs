namespace OrleansLog.Client.Tests;

/// <summary>Looking after groups at a real broker.</summary>
public sealed class GroupAdministrationTests(SiloFixture silo) : BrokerGroupTest(silo)
{
    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Groups_are_listed_described_and_deleted(Form form)
    {
        var log = Silo.Client(form);
        await log.Admin.CreateTopicAsync(Topic, 2);
        await WriteAsync(log, Topic, 2, 5);
        var member = Join(log);
        await UntilRead(10, member);
        await Until(() => IsCaughtUpAsync(log, 2));
        Assert.Equal("Stable", (await log.Admin.ListGroupsAsync()).Single(listed => listed.GroupId == Group).State);
        Assert.DoesNotContain(await log.Admin.ListGroupsAsync(["Empty"]), listed => listed.GroupId == Group);
        var described = await log.Admin.DescribeGroupAsync(Group);
        Assert.Equal("cooperative-sticky", described.Group.Assignor);
        var one = Assert.Single(described.Group.Members);
        Assert.Equal((member.Consumer.Membership!.MemberId, 2), (one.MemberId, one.Partitions.Count));
        Assert.All(described.Partitions, progress => Assert.Equal((5L, 5L, 0L, one.MemberId), (progress.CommittedOffset, progress.LogEndOffset, progress.Lag, progress.Member!.MemberId)));
        Assert.Equal(ErrorCode.NonEmptyGroup, Assert.Single(await log.Admin.DeleteGroupsAsync([Group])).Error);
        var refused = await Assert.ThrowsAsync<LogException>(() => ResetAsync(log, OffsetReset.To(StartAt.Beginning)));
        Assert.Equal(ErrorCode.NonEmptyGroup, refused.Code);
        await member.DisposeAsync();

        await WriteAsync(log, Topic, 2, 1);
        described = await log.Admin.DescribeGroupAsync(Group);
        Assert.Equal(("Empty", 2L), (described.Group.State, described.TotalLag));
        await log.Admin.DeleteGroupOffsetsAsync(Group, [new TopicPartition(Topic, 0)]);
        Assert.Equal(new TopicPartition(Topic, 1), Assert.Single(await log.Admin.ListGroupOffsetsAsync(Group)).Partition);
        Assert.Equal(ErrorCode.None, Assert.Single(await log.Admin.DeleteGroupsAsync([Group])).Error);
        await Assert.ThrowsAsync<LogException>(() => log.Admin.DescribeGroupAsync(Group));
        Assert.Equal(ErrorCode.GroupIdNotFound, Assert.Single(await log.Admin.DeleteGroupsAsync([Group])).Error);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Offsets_are_reset_in_each_way(Form form)
    {
        var log = Silo.Client(form);
        await log.Admin.CreateTopicAsync(Topic, 1);
        await using (var producer = log.CreateProducer<string, string>())
        {
            for (var i = 0; i < 10; i++)
                await producer.ProduceAsync(new ProducerRecord<string, string>(Topic, "k", "v") { TimestampMs = 1_000_000 + (i * 1_000) });
        }

        Assert.Equal(0, await ResetAsync(log, OffsetReset.To(StartAt.Beginning)));
        Assert.Equal(10, await ResetAsync(log, OffsetReset.To(StartAt.End)));
        Assert.Equal(4, await ResetAsync(log, OffsetReset.To(StartAt.Offset(4))));
        Assert.Equal(6, await ResetAsync(log, OffsetReset.By(2)));
        Assert.Equal(0, await ResetAsync(log, OffsetReset.By(-100)));
        Assert.Equal(7, await ResetAsync(log, OffsetReset.To(StartAt.TimestampMs(1_006_500))));
        Assert.Equal(7, await ResetAsync(log, OffsetReset.Current));
        Assert.Equal(7, await ResetAsync(log, OffsetReset.To(StartAt.BeforeEnd(3))));
        Assert.Equal(10, await ResetAsync(log, OffsetReset.To(StartAt.Offset(400))));
        Assert.Equal(-1, Assert.Single(await log.Admin.ListGroupOffsetsAsync(Group)).LeaderEpoch);
        await log.Admin.ResetGroupOffsetsAsync(Group, [new TopicPartition(Topic, 0)], OffsetReset.To(StartAt.Offset(8)));
        Assert.Equal(10, Assert.Single(await log.Admin.ListGroupOffsetsAsync(Group)).Offset);
        await ResetAsync(log, OffsetReset.To(StartAt.Offset(8)));
        await using var member = Join(log);
        await UntilRead(2, member);
        Assert.Equal(8, member.Read[0].Offset);
        await Assert.ThrowsAsync<UnknownTopicException>(() => log.Admin.AlterGroupOffsetsAsync($"{Group}-2", [new TopicPartitionOffset(new TopicPartition("nowhere", 0), 1)]));
    }

    private async Task<long> ResetAsync(ILogClient log, OffsetReset reset)
    {
        var step = Assert.Single(await log.Admin.ResetGroupOffsetsAsync(Group, [new TopicPartition(Topic, 0)], reset, dryRun: false));
        Assert.Equal(step.NewOffset, Assert.Single(await log.Admin.ListGroupOffsetsAsync(Group)).Offset);
        return step.NewOffset;
    }
}
