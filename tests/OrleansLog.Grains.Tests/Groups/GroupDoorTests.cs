using OrleansLog.Grains.Tests.Silo;

namespace OrleansLog.Grains.Tests.Groups;

/// <summary>Groups through the doors of a real silo.</summary>
public sealed class GroupDoorTests(OneSilo silo) : IClassFixture<OneSilo>
{
    [Fact]
    public async Task A_member_joins_through_the_grain_commits_directly_and_is_seen_by_both()
    {
        await silo.CreateTopicAsync("group-topic");
        var partition = new TopicPartition("group-topic", 0);
        var grain = silo.Grains.GetGroup("door");
        await silo.Groups.FetchOffsetsAsync(new FetchOffsetsCall { GroupId = "door" }, default);

        var member = await GroupMember.JoinAsync((call, _) => grain.JoinAsync(call), "door");
        var synced = await grain.SyncAsync(member.Lead([1, 2, 3]));
        var committed = await silo.Groups.CommitAsync(member.Commit(partition, 42), default);
        var fetched = await grain.FetchOffsetsAsync(new FetchOffsetsCall { GroupId = "door", Partitions = [partition, new("group-topic", 1)] });

        Assert.Equal([1, 2, 3], synced.Assignment.ToArray());
        Assert.Equal([ErrorCode.None], committed.Errors);
        Assert.Equal([42L, -1L], fetched.Offsets.Select(offset => offset.Offset));
        Assert.Equal(ErrorCode.None, await grain.HeartbeatAsync(member.Heartbeat()));
        var described = await silo.Groups.DescribeGroupsAsync(["door", "nobody"], default);
        Assert.Equal([("Stable", ErrorCode.None, 1), ("Dead", ErrorCode.GroupIdNotFound, 0)], described.Select(group => (group.State, group.Error, group.Members.Length)));
        Assert.Equal(OneSilo.BrokerId, described[0].CoordinatorId);
        var listed = await silo.Grains.GetGrain<IBrokerGrain>(OneSilo.BrokerId).ListGroupsAsync(["stable"], []);
        Assert.Contains(listed.Groups, group => group is { GroupId: "door", ProtocolType: "consumer", GroupType: "classic" });
    }

    [Fact]
    public async Task A_group_with_a_blank_name_is_a_group_too()
    {
        await silo.CreateTopicAsync("blank-topic");
        var call = new CommitOffsetsCall { GroupId = " ", Offsets = [new() { Partition = new("blank-topic", 0), Offset = 7 }] };
        await silo.Groups.CommitAsync(call, default);

        var fetched = await silo.Grains.GetGroup(" ").FetchOffsetsAsync(new FetchOffsetsCall { GroupId = " " });

        Assert.Equal([7L], fetched.Offsets.Select(offset => offset.Offset));
    }

    [Fact]
    public async Task Nobody_creates_deletes_or_grows_the_brokers_own_topics()
    {
        await silo.Groups.FetchOffsetsAsync(new FetchOffsetsCall { GroupId = "first" }, default);
        await silo.CreateTopicAsync("mine");
        const string Name = "__consumer_offsets";
        var metadata = await silo.Transport.GetMetadataAsync([Name], 0, default);
        Assert.Equal((true, OneSilo.OffsetsPartitions), (metadata.Topics[0].IsInternal, metadata.Topics[0].Partitions.Length));

        var created = await silo.Admin.CreateTopicsAsync(
            [new NewTopic { Name = "__transaction_state", Partitions = 1 }, new NewTopic { Name = "__cluster_metadata", Partitions = 1 }], validateOnly: false, default);
        var grown = await silo.Admin.CreatePartitionsAsync([new NewPartitions(Name, 60)], validateOnly: false, default);
        var deleted = await silo.Admin.DeleteTopicsAsync([Name, "mine", "nothing"], default);

        Assert.Equal([ErrorCode.InvalidRequest, ErrorCode.InvalidRequest], created.Results.Select(result => result.Error));
        Assert.Equal(ErrorCode.InvalidTopicException, grown.Results[0].Error);
        Assert.Equal([ErrorCode.InvalidTopicException, ErrorCode.None, ErrorCode.UnknownTopicOrPartition], deleted.Results.Select(result => result.Error));
        Assert.Equal(OneSilo.OffsetsPartitions, (await silo.Transport.GetMetadataAsync([Name], deleted.Version, default)).Topics[0].Partitions.Length);
    }
}
