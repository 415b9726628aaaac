using OrleansLog.Protocol;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Tests.Admin;

/// <summary>Elections and reassignments over the wire, as far as one broker goes.</summary>
public sealed class ReassignmentApiTests(OneBroker fixture) : IClassFixture<OneBroker>
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task An_election_that_is_not_needed_says_so_and_all_partitions_need_none(short version)
    {
        var name = $"elected-{version}";
        await fixture.Broker.CreateTopicAsync(name);
        var answer = await fixture.Client.SendAsync<ElectLeadersResponseData>(
            new ElectLeadersRequestData { TopicPartitions = [new() { Topic = name, Partitions = [0, 7] }] }, version);

        Assert.Equal(ErrorCode.None, answer.ErrorCode);
        Assert.Equal(
            [(0, ErrorCode.ElectionNotNeeded), (7, ErrorCode.UnknownTopicOrPartition)],
            Assert.Single(answer.ReplicaElectionResults).PartitionResult.Select(result => (result.PartitionId, result.ErrorCode)));
        Assert.Empty((await fixture.Client.SendAsync<ElectLeadersResponseData>(new ElectLeadersRequestData { TopicPartitions = null }, version)).ReplicaElectionResults);
    }

    [Fact]
    public async Task A_kind_of_election_that_is_none_is_refused() => Assert.Equal(
        ErrorCode.InvalidRequest,
        (await fixture.Client.SendAsync<ElectLeadersResponseData>(new ElectLeadersRequestData { ElectionType = 5, TopicPartitions = [] }, 2)).ErrorCode);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Each_partition_of_a_reassignment_gets_its_own_answer(short version)
    {
        var name = $"moves-{version}";
        await fixture.Broker.CreateTopicAsync(name, partitions: 3);
        var brokerId = (await fixture.Broker.Transport.GetMetadataAsync([name], 0, default)).Topics[0].Partitions[0].LeaderId;
        var answer = await fixture.Client.SendAsync<AlterPartitionReassignmentsResponseData>(
            new AlterPartitionReassignmentsRequestData
            {
                Topics =
                [
                    new()
                    {
                        Name = name,
                        Partitions =
                        [
                            new() { PartitionIndex = 0, Replicas = [brokerId] }, new() { PartitionIndex = 1, Replicas = [brokerId + 77] },
                            new() { PartitionIndex = 2, Replicas = null }, new() { PartitionIndex = 9, Replicas = [brokerId] },
                        ],
                    },
                ],
            },
            version);

        Assert.Equal(ErrorCode.None, answer.ErrorCode);
        Assert.Equal(
            [ErrorCode.None, ErrorCode.InvalidReplicaAssignment, ErrorCode.NoReassignmentInProgress, ErrorCode.UnknownTopicOrPartition],
            Assert.Single(answer.Responses).Partitions.Select(partition => partition.ErrorCode));

        var listed = await fixture.Client.SendAsync<ListPartitionReassignmentsResponseData>(new ListPartitionReassignmentsRequestData(), 0);
        Assert.Equal(ErrorCode.None, listed.ErrorCode);
        Assert.Empty(listed.Topics);
    }
}
