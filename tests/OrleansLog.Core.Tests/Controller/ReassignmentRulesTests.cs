using OrleansLog.Core.Controller;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Tests.Controller;

/// <summary>Partitions move between brokers without a moment in which a committed record has no home.</summary>
public class ReassignmentRulesTests
{
    private readonly ControllerFixture _controller = new ControllerFixture().WithBrokers(1, 2, 3);

    public ReassignmentRulesTests()
    {
        _controller.Do(state => state.CreateTopics(
            [new CreateTopic { Name = "t", Assignments = [[1, 2]], Configs = new Dictionary<string, string> { ["min.insync.replicas"] = "2" } }], false));
        _controller.WithBrokers(4);
    }

    private PartitionImage Now => _controller.Partition("t");

    private ErrorCode Move(params int[]? target) => _controller.Do(state => state.AlterReassignments([new Reassign("t", 0, target)]))[0].Error;

    [Fact]
    public void Old_and_new_replicas_hold_the_partition_until_the_new_ones_are_in_sync()
    {
        Assert.Equal(ErrorCode.None, Move(3, 4));
        Assert.Equal([3, 4, 1, 2], Now.Replicas.ToArray());
        Assert.Equal([3, 4], Now.Adding.ToArray());
        Assert.Equal([1, 2], Now.Removing.ToArray());
        Assert.Equal([1, 2], Now.Isr.ToArray());
        Assert.Equal((1, 0), (Now.Leader, Now.LeaderEpoch));
        Assert.Equal([3, 4, 1, 2], Now.Directories.Select(Owner));

        Assert.Equal(ErrorCode.None, _controller.AskIsr("t", 1, 2, 3).Error);
        Assert.True(Now.IsReassigning);

        var answer = _controller.AskIsr("t", 1, 2, 3, 4);
        Assert.Equal(ErrorCode.NewLeaderElected, answer.Error);
        Assert.Equal([3, 4], Now.Replicas.ToArray());
        Assert.Equal([3, 4], Now.Isr.ToArray());
        Assert.Equal([3, 4], Now.Directories.Select(Owner));
        Assert.Equal((3, 1, 0), (Now.Leader, Now.LeaderEpoch, Now.UncleanElections));
        Assert.False(Now.IsReassigning);
    }

    [Fact]
    public void It_does_not_complete_while_too_few_of_the_target_are_in_sync()
    {
        Move(2, 3);
        _controller.AskIsr("t", 1, 3);
        Assert.True(Now.IsReassigning);
        _controller.AskIsr("t", 1, 2, 3);
        Assert.Equal([2, 3], Now.Replicas.ToArray());
    }

    [Fact]
    public void A_leader_that_stays_gets_a_new_epoch_when_replicas_go()
    {
        Move(1, 3);
        Assert.Equal(0, Now.LeaderEpoch);
        Assert.Equal(ErrorCode.NewLeaderElected, _controller.AskIsr("t", 1, 2, 3).Error);
        Assert.Equal((1, 1), (Now.Leader, Now.LeaderEpoch));
    }

    [Fact]
    public void More_and_fewer_replicas_are_targets_too_unless_forbidden()
    {
        Assert.Equal(ErrorCode.InvalidReplicationFactor, _controller.Do(state => state.AlterReassignments([new Reassign("t", 0, [1])], mayChangeFactor: false))[0].Error);
        Assert.Equal(ErrorCode.None, Move(1));
        Assert.Equal([1], Now.Replicas.ToArray());
        Assert.Equal(ErrorCode.None, Move(1, 2, 3));
        _controller.AskIsr("t", 1, 2, 3);
        Assert.Equal([1, 2, 3], Now.Replicas.ToArray());
        Assert.False(Now.IsReassigning);
    }

    [Fact]
    public void Cancelled_it_is_as_before()
    {
        Assert.Equal(ErrorCode.NoReassignmentInProgress, Move(null));
        Move(3, 4);
        _controller.AskIsr("t", 1, 2, 3);
        Assert.Equal(ErrorCode.None, Move(null));
        Assert.Equal([1, 2], Now.Replicas.ToArray());
        Assert.Equal([1, 2], Now.Isr.ToArray());
        Assert.Equal([1, 2], Now.Directories.Select(Owner));
        Assert.False(Now.IsReassigning);
    }

    [Fact]
    public void Another_target_drops_what_the_first_one_added()
    {
        Move(3, 2);
        _controller.WithBrokers(5);
        Assert.Equal(ErrorCode.None, Move(4, 5));
        Assert.Equal([4, 5, 2, 1], Now.Replicas.ToArray());
        Assert.Equal([4, 5], Now.Adding.ToArray());
    }

    [Fact]
    public void A_cancellation_that_would_lose_what_only_the_added_ones_hold_is_refused()
    {
        _controller.Do(state => state.AlterConfigs(
            [new AlterConfig(ConfigOwner.Topic("t"), [new EditConfig("min.insync.replicas", ConfigEdit.Set, "1")], false)], false));
        Move(3, 4);
        _controller.AskIsr("t", 1, 3);
        _controller.Heartbeat(1, wantsFence: true);
        Assert.Equal([3], Now.Isr.ToArray());
        Assert.Equal(3, Now.Leader);

        var before = Now;
        Assert.Equal(ErrorCode.InvalidReplicaAssignment, Move(null));
        Assert.Same(before, Now);
    }

    [Fact]
    public void Targets_without_sense_are_refused()
    {
        Assert.Equal(ErrorCode.InvalidReplicaAssignment, Move());
        Assert.Equal(ErrorCode.InvalidReplicaAssignment, Move(1, 1));
        Assert.Equal(ErrorCode.InvalidReplicaAssignment, Move(1, 9));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, _controller.Do(state => state.AlterReassignments([new Reassign("u", 0, [1])]))[0].Error);
        Assert.All(
            _controller.Do(state => state.AlterReassignments([new Reassign("t", 0, [1]), new Reassign("t", 0, [2])])),
            answer => Assert.Equal(ErrorCode.InvalidRequest, answer.Error));
        Assert.False(Now.IsReassigning);
    }

    private static int Owner(Guid directory) => Enumerable.Range(1, 5).Single(id => ControllerFixture.DirectoryOf(id) == directory);
}
