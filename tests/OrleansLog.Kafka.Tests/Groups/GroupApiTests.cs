using OrleansLog.Protocol;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Tests.Groups;

/// <summary>The group APIs on a socket, at every version.</summary>
public sealed class GroupApiTests(GroupsBroker groups) : IClassFixture<GroupsBroker>
{
    public static TheoryData<short> Versions => [.. Enumerable.Range(0, 11).Select(version => (short)version)];

    [Theory, MemberData(nameof(Versions))]
    public async Task A_member_lives_its_life_at_every_version(short version)
    {
        using var client = await groups.Broker.ConnectAsync();
        var group = $"life-{version}";
        await FindAsync(client, group, Math.Min(version, (short)6));

        var joined = await JoinAsync(client, group, Math.Min(version, (short)9));
        Assert.Equal((joined.MemberId, joined.MemberId, 1, "range"), (joined.Leader, Assert.Single(joined.Members).MemberId, joined.GenerationId, joined.ProtocolName));
        Assert.Equal(version >= 7 ? "consumer" : null, joined.ProtocolType);
        var synced = await client.SendAsync<SyncGroupResponseData>(
            new SyncGroupRequestData
            {
                GroupId = group,
                MemberId = joined.MemberId,
                GenerationId = 1,
                Assignments = [new() { MemberId = joined.MemberId, Assignment = new byte[] { 1, 2 } }],
            },
            Math.Min(version, (short)5));
        Assert.Equal(ErrorCode.None, synced.ErrorCode);
        Assert.Equal([1, 2], synced.Assignment.ToArray());

        Assert.Equal(ErrorCode.None, await HeartbeatAsync(client, group, joined, 1, version));
        Assert.Equal(ErrorCode.IllegalGeneration, await HeartbeatAsync(client, group, joined, 2, version));
        await CommitAndFetchAsync(client, group, joined, version);
        await DescribeAsync(client, group, joined, version);
        await LeaveAndDeleteAsync(client, group, joined, version);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(6)]
    public async Task What_is_no_group_has_no_coordinator(short version)
    {
        using var client = await groups.Broker.ConnectAsync();
        var request = new FindCoordinatorRequestData { Key = "tx", KeyType = 1, CoordinatorKeys = ["tx"] };

        var response = await client.SendAsync<FindCoordinatorResponseData>(request, version);

        var error = version < 4 ? response.ErrorCode : Assert.Single(response.Coordinators).ErrorCode;
        Assert.Equal(ErrorCode.TransactionalIdAuthorizationFailed, error);
    }

    [Fact]
    public async Task Several_groups_are_fetched_at_once_by_topic_id()
    {
        using var client = await groups.Broker.ConnectAsync();
        var metadata = await groups.Broker.Transport.GetMetadataAsync(["orders"], 0, default);
        var id = Uuid.FromGuid(metadata.Topics[0].TopicId);
        await FindAsync(client, "several", 4);
        var commit = new OffsetCommitRequestData
        {
            GroupId = "several",
            Topics =
            [
                new() { TopicId = id, Partitions = [new() { PartitionIndex = 1, CommittedOffset = 11, CommittedMetadata = "note" }] },
                new() { TopicId = Uuid.FromGuid(Guid.NewGuid()), Partitions = [new() { PartitionIndex = 0, CommittedOffset = 1 }] },
            ],
        };
        var committed = await client.SendAsync<OffsetCommitResponseData>(commit, 10);
        Assert.Equal([ErrorCode.None, ErrorCode.UnknownTopicId], committed.Topics.Select(topic => topic.Partitions[0].ErrorCode));

        var fetched = await client.SendAsync<OffsetFetchResponseData>(
            new OffsetFetchRequestData
            {
                Groups =
                [
                    new() { GroupId = "several", Topics = null },
                    new() { GroupId = "unheard", Topics = [new() { TopicId = id, PartitionIndexes = [0, 1] }] },
                    new() { GroupId = "several", Topics = [new() { TopicId = Uuid.FromGuid(Guid.NewGuid()), PartitionIndexes = [3] }, new() { TopicId = id, PartitionIndexes = [1] }] },
                ],
            },
            10);

        var all = Assert.Single(fetched.Groups[0].Topics);
        Assert.Equal((id, 1, 11L, "note"), (all.TopicId, all.Partitions[0].PartitionIndex, all.Partitions[0].CommittedOffset, all.Partitions[0].Metadata));
        Assert.Equal([-1L, -1L], fetched.Groups[1].Topics[0].Partitions.Select(partition => partition.CommittedOffset));
        Assert.Equal(ErrorCode.UnknownTopicId, fetched.Groups[2].Topics[0].Partitions[0].ErrorCode);
        Assert.Equal(11, fetched.Groups[2].Topics[1].Partitions[0].CommittedOffset);
    }

    [Fact]
    public async Task Offsets_are_deleted_where_nobody_reads_them()
    {
        using var client = await groups.Broker.ConnectAsync();
        await FindAsync(client, "delete", 3);
        var commit = new OffsetCommitRequestData
        {
            GroupId = "delete",
            Topics = [new() { Name = "orders", Partitions = [new() { PartitionIndex = 0, CommittedOffset = 1 }, new() { PartitionIndex = 1, CommittedOffset = 2 }] }],
        };
        await client.SendAsync<OffsetCommitResponseData>(commit, 8);

        var deleted = await client.SendAsync<OffsetDeleteResponseData>(
            new OffsetDeleteRequestData { GroupId = "delete", Topics = [new() { Name = "orders", Partitions = [new() { PartitionIndex = 0 }, new() { PartitionIndex = 7 }] }] }, 0);
        var nobody = await client.SendAsync<OffsetDeleteResponseData>(new OffsetDeleteRequestData { GroupId = "nobody" }, 0);

        Assert.Equal([ErrorCode.None, ErrorCode.UnknownTopicOrPartition], deleted.Topics[0].Partitions.Select(partition => partition.ErrorCode));
        Assert.Equal(ErrorCode.GroupIdNotFound, nobody.ErrorCode);
        var left = await client.SendAsync<OffsetFetchResponseData>(new OffsetFetchRequestData { GroupId = "delete", Topics = null }, 5);
        Assert.Equal([1], left.Topics[0].Partitions.Select(partition => partition.PartitionIndex));
    }

    /// <summary>The bound counts UTF-8 bytes, and one note that is too long costs the others nothing.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    [InlineData(9)]
    public async Task A_note_that_is_too_long_is_refused_and_the_offsets_beside_it_are_committed(short version)
    {
        using var client = await groups.Broker.ConnectAsync();
        var group = $"note-{version}";
        await FindAsync(client, group, 3);
        var longest = new string('\u00df', 2_048);
        foreach (var (first, error) in new[] { (longest, ErrorCode.None), (longest + "!", ErrorCode.OffsetMetadataTooLarge), (new string('x', 30_000), ErrorCode.OffsetMetadataTooLarge) })
        {
            var committed = await client.SendAsync<OffsetCommitResponseData>(
                new OffsetCommitRequestData
                {
                    GroupId = group,
                    Topics =
                    [
                        new()
                        {
                            Name = "orders",
                            Partitions =
                            [
                                new() { PartitionIndex = 0, CommittedOffset = first.Length, CommittedMetadata = first },
                                new() { PartitionIndex = 1, CommittedOffset = first.Length, CommittedMetadata = "short" },
                            ],
                        },
                    ],
                },
                version);
            Assert.Equal([error, ErrorCode.None], committed.Topics[0].Partitions.Select(static partition => partition.ErrorCode));
        }

        var fetched = await client.SendAsync<OffsetFetchResponseData>(
            new OffsetFetchRequestData { GroupId = group, Topics = [new() { Name = "orders", PartitionIndexes = [0, 1] }] }, 5);
        Assert.Equal(
            [(2_048L, longest), (30_000L, "short")],
            fetched.Topics[0].Partitions.Select(static partition => (partition.CommittedOffset, partition.Metadata)));
    }

    private async Task FindAsync(KafkaClient client, string group, short version)
    {
        var found = await client.SendAsync<FindCoordinatorResponseData>(new FindCoordinatorRequestData { Key = group, CoordinatorKeys = [group, "other"] }, version);
        if (version < 4)
        {
            Assert.Equal((ErrorCode.None, groups.Broker.Endpoint.Port, "127.0.0.1"), (found.ErrorCode, found.Port, found.Host));
            return;
        }

        Assert.Equal([group, "other"], found.Coordinators.Select(coordinator => coordinator.Key));
        Assert.All(found.Coordinators, coordinator => Assert.Equal((ErrorCode.None, groups.Broker.Endpoint.Port), (coordinator.ErrorCode, coordinator.Port)));
    }

    private static async Task<JoinGroupResponseData> JoinAsync(KafkaClient client, string group, short version)
    {
        var request = new JoinGroupRequestData
        {
            GroupId = group,
            ProtocolType = "consumer",
            SessionTimeoutMs = 10_000,
            RebalanceTimeoutMs = 20_000,
            Protocols = [new() { Name = "range", Metadata = new byte[] { 0, 0, 0, 0, 0, 0, 255, 255, 255, 255 } }],
        };
        var first = await client.SendAsync<JoinGroupResponseData>(request, version);
        if (version < 4)
        {
            Assert.Equal(ErrorCode.None, first.ErrorCode);
            return first;
        }

        Assert.Equal(ErrorCode.MemberIdRequired, first.ErrorCode);
        Assert.StartsWith("test-", first.MemberId, StringComparison.Ordinal);
        request.MemberId = first.MemberId;
        var joined = await client.SendAsync<JoinGroupResponseData>(request, version);
        Assert.Equal(ErrorCode.None, joined.ErrorCode);
        return joined;
    }

    private static async Task<ErrorCode> HeartbeatAsync(KafkaClient client, string group, JoinGroupResponseData joined, int generation, short version)
    {
        var request = new HeartbeatRequestData { GroupId = group, MemberId = joined.MemberId, GenerationId = generation };
        return (await client.SendAsync<HeartbeatResponseData>(request, Math.Min(version, (short)4))).ErrorCode;
    }

    private async Task CommitAndFetchAsync(KafkaClient client, string group, JoinGroupResponseData joined, short version)
    {
        var id = Uuid.FromGuid((await groups.Broker.Transport.GetMetadataAsync(["orders"], 0, default)).Topics[0].TopicId);
        var committed = await client.SendAsync<OffsetCommitResponseData>(
            new OffsetCommitRequestData
            {
                GroupId = group,
                MemberId = joined.MemberId,
                GenerationIdOrMemberEpoch = joined.GenerationId,
                Topics = [new() { Name = "orders", TopicId = id, Partitions = [new() { PartitionIndex = 0, CommittedOffset = 5, CommittedMetadata = "m" }] }],
            },
            Math.Max(version, (short)2));
        Assert.Equal(ErrorCode.None, committed.Topics[0].Partitions[0].ErrorCode);

        var fetchVersion = Math.Max(version, (short)1);
        var fetched = await client.SendAsync<OffsetFetchResponseData>(
            new OffsetFetchRequestData
            {
                GroupId = group,
                Topics = [new() { Name = "orders", PartitionIndexes = [1, 0] }],
                Groups = [new() { GroupId = group, Topics = [new() { Name = "orders", TopicId = id, PartitionIndexes = [1, 0] }] }],
            },
            fetchVersion);
        var offsets = fetchVersion < 8
            ? fetched.Topics[0].Partitions.Select(partition => (partition.PartitionIndex, partition.CommittedOffset, partition.Metadata))
            : fetched.Groups[0].Topics[0].Partitions.Select(partition => (partition.PartitionIndex, partition.CommittedOffset, partition.Metadata));
        Assert.Equal([(1, -1L, ""), (0, 5L, "m")], offsets);
    }

    private static async Task DescribeAsync(KafkaClient client, string group, JoinGroupResponseData joined, short version)
    {
        var describe = Math.Min(version, (short)6);
        var described = await client.SendAsync<DescribeGroupsResponseData>(new DescribeGroupsRequestData { Groups = [group, "nobody"] }, describe);
        Assert.Equal((ErrorCode.None, "Stable", "consumer", "range"), (described.Groups[0].ErrorCode, described.Groups[0].GroupState, described.Groups[0].ProtocolType, described.Groups[0].ProtocolData));
        var member = Assert.Single(described.Groups[0].Members);
        Assert.Equal((joined.MemberId, "test", "/127.0.0.1"), (member.MemberId, member.ClientId, member.ClientHost));
        Assert.Equal((describe < 6 ? ErrorCode.None : ErrorCode.GroupIdNotFound, "Dead"), (described.Groups[1].ErrorCode, described.Groups[1].GroupState));

        var listed = await client.SendAsync<ListGroupsResponseData>(new ListGroupsRequestData { StatesFilter = ["Stable"], TypesFilter = ["classic"] }, Math.Min(version, (short)5));
        Assert.Equal(ErrorCode.None, listed.ErrorCode);
        Assert.Contains(listed.Groups, entry => entry.GroupId == group && entry.ProtocolType == "consumer");
    }

    private static async Task LeaveAndDeleteAsync(KafkaClient client, string group, JoinGroupResponseData joined, short version)
    {
        var delete = Math.Min(version, (short)2);
        var busy = await client.SendAsync<DeleteGroupsResponseData>(new DeleteGroupsRequestData { GroupsNames = [group] }, delete);
        Assert.Equal(ErrorCode.NonEmptyGroup, busy.Results[0].ErrorCode);

        var leave = new LeaveGroupRequestData { GroupId = group, MemberId = joined.MemberId, Members = [new() { MemberId = joined.MemberId }] };
        var left = await client.SendAsync<LeaveGroupResponseData>(leave, Math.Min(version, (short)5));
        Assert.Equal(ErrorCode.None, left.ErrorCode);
        var again = await client.SendAsync<LeaveGroupResponseData>(leave, Math.Min(version, (short)5));
        Assert.Equal(ErrorCode.UnknownMemberId, version < 3 ? again.ErrorCode : again.Members[0].ErrorCode);

        var deleted = await client.SendAsync<DeleteGroupsResponseData>(new DeleteGroupsRequestData { GroupsNames = [group, "nobody"] }, delete);
        Assert.Equal([ErrorCode.None, ErrorCode.GroupIdNotFound], deleted.Results.Select(result => result.ErrorCode));
    }
}
