namespace OrleansLog.Client.Tests;

public sealed class GroupAdminTests : GroupTest
{
    private static readonly TopicPartition T1 = new("t", 1);

    [Fact]
    public async Task A_group_is_described_with_its_members_and_its_lag()
    {
        Fill(partitions: 2, recordsEach: 3);
        await using var member = Join();
        await PassTimeUntil(() => Coordinator.Committed(Group, T0) == 3 && Coordinator.Committed(Group, T1) == 3);
        member.OnRecord = static _ => Task.Delay(Timeout.Infinite);
        Cluster.Append(T1, "a", "b");
        var described = await Grouped.Admin.DescribeGroupAsync(Group);
        Assert.Equal(("Stable", "cooperative-sticky", 2L), (described.Group.State, described.Group.Assignor, described.TotalLag));
        Assert.Equal([(T0, 3L, 3L, 0L), (T1, 3L, 5L, 2L)], described.Partitions.Select(static p => (p.Partition, p.CommittedOffset!.Value, p.LogEndOffset!.Value, p.Lag!.Value)));
        Assert.All(described.Partitions, partition => Assert.Equal(member.Consumer.Membership!.MemberId, partition.Member!.MemberId));
        Assert.Equal([Group], (await Grouped.Admin.ListGroupsAsync(["stable"])).Select(static group => group.GroupId));
        Assert.Empty(await Grouped.Admin.ListGroupsAsync(["empty"]));
        var missing = await Assert.ThrowsAsync<LogException>(() => Grouped.Admin.DescribeGroupAsync("none"));
        Assert.Equal(ErrorCode.GroupIdNotFound, missing.Code);
    }

    [Theory]
    [InlineData("beginning", 2)]
    [InlineData("end", 10)]
    [InlineData("offset 4", 4)]
    [InlineData("offset 400", 10)]
    [InlineData("time 1005", 5)]
    [InlineData("time 9999", 10)]
    [InlineData("before end 3", 7)]
    [InlineData("before end 300", 2)]
    [InlineData("by 2", 8)]
    [InlineData("by -3", 3)]
    [InlineData("by 9223372036854775807", 10)]
    [InlineData("by -9223372036854775807", 2)]
    [InlineData("current", 6)]
    public async Task Offsets_are_moved_to_where_the_partition_has_something(string reset, long expected)
    {
        for (var i = 0; i < 10; i++)
            Cluster.Append(T0, new OrleansLog.Protocol.Records.RecordBatchBuilderOptions(), 1_000 + i, $"{i}");
        Cluster[T0].DeleteBefore(2);
        await Grouped.Admin.AlterGroupOffsetsAsync(Group, [new(T0, 6)]);
        var planned = Assert.Single(await Grouped.Admin.ResetGroupOffsetsAsync(Group, [T0], Parse(reset)));
        Assert.Equal(new OffsetResetStep(T0, 6, expected), planned);
        Assert.Equal(6, Coordinator.Committed(Group, T0));
        await Grouped.Admin.ResetGroupOffsetsAsync(Group, [T0], Parse(reset), dryRun: false);
        Assert.Equal(expected, Coordinator.Committed(Group, T0));

        static OffsetReset Parse(string text)
        {
            var words = text.Split(' ');
            var number = long.TryParse(words[^1], out var parsed) ? parsed : 0;
            return words[0] switch
            {
                "beginning" => OffsetReset.To(StartAt.Beginning),
                "end" => OffsetReset.To(StartAt.End),
                "offset" => OffsetReset.To(StartAt.Offset(number)),
                "time" => OffsetReset.To(StartAt.TimestampMs(number)),
                "before" => OffsetReset.To(StartAt.BeforeEnd(number)),
                "by" => OffsetReset.By(number),
                _ => OffsetReset.Current,
            };
        }
    }

    [Fact]
    public async Task Offsets_of_a_group_with_members_stay_where_they_are()
    {
        Fill(partitions: 1, recordsEach: 1);
        await using (var member = Join())
        {
            await PassTimeUntil(() => Coordinator.Committed(Group, T0) == 1);
            Assert.Equal(ErrorCode.NonEmptyGroup, (await Assert.ThrowsAsync<LogException>(() => Grouped.Admin.ResetGroupOffsetsAsync(Group, [T0], OffsetReset.Current, dryRun: false))).Code);
            Assert.Equal(ErrorCode.NonEmptyGroup, (await Assert.ThrowsAsync<LogException>(() => Grouped.Admin.AlterGroupOffsetsAsync(Group, [new(T0, 0)]))).Code);
            Assert.Equal(ErrorCode.GroupSubscribedToTopic, (await Assert.ThrowsAsync<LogException>(() => Grouped.Admin.DeleteGroupOffsetsAsync(Group, [T0]))).Code);
            Assert.Equal(ErrorCode.NonEmptyGroup, Assert.Single(await Grouped.Admin.DeleteGroupsAsync([Group])).Error);
        }

        await Grouped.Admin.DeleteGroupOffsetsAsync(Group, [T0]);
        Assert.Equal(-1, Assert.Single(await Grouped.Admin.ListGroupOffsetsAsync(Group, [T0])).Offset);
        Assert.Equal([ErrorCode.None, ErrorCode.GroupIdNotFound], (await Grouped.Admin.DeleteGroupsAsync([Group, "none"])).Select(static result => result.Error));
    }

    [Fact]
    public async Task A_coordinator_that_moves_is_asked_again()
    {
        var left = 2;
        Coordinator.OnCall = _ => left-- > 0 ? ErrorCode.NotCoordinator : null;
        await PassTimeUntil(Grouped.Admin.AlterGroupOffsetsAsync(Group, [new(T0, 0)]));
        Assert.Equal(0, Coordinator.Committed(Group, T0));
    }
}
