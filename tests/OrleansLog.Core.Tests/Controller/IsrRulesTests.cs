using OrleansLog.Core.Controller;
using OrleansLog.Core.Partition;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Tests.Controller;

/// <summary>ISR changes that leaders ask for: which are taken, and what each refusal says.</summary>
public class IsrRulesTests
{
    private readonly ControllerFixture _controller = new ControllerFixture().WithBrokers(1, 2, 3).WithTopic("t", 1, 3, ("min.insync.replicas", "2"));

    private PartitionImage Now => _controller.Partition("t");

    private int Leader => Now.Leader;

    private int[] Followers => [.. Now.Replicas.Where(id => id != Leader)];

    [Fact]
    public void A_member_leaves_and_comes_back_each_with_a_partition_epoch_of_its_own()
    {
        var before = Now;
        Assert.Equal(ErrorCode.None, _controller.AskIsr("t", Leader, Followers[0]).Error);
        Assert.Equal(2, Now.Isr.Length);
        Assert.Empty(Now.Elr);
        Assert.Equal((before.PartitionEpoch + 1, before.LeaderEpoch), (Now.PartitionEpoch, Now.LeaderEpoch));

        var answer = _controller.AskIsr("t", [.. Now.Replicas]);
        Assert.Equal(ErrorCode.None, answer.Error);
        Assert.Equal(before.PartitionEpoch + 2, answer.Now!.PartitionEpoch);
        Assert.Equal(3, answer.Now.Isr.Length);
    }

    [Fact]
    public void Who_has_lost_what_it_acknowledged_is_not_eligible_whether_it_leaves_with_that_or_had_left_before()
    {
        var (first, second) = (Followers[0], Followers[1]);
        Assert.Equal(ErrorCode.None, _controller.Ask(Leader, _controller.Asked("t", [Leader]) with { Lost = [first] }).Partitions[0].Error);
        Assert.Equal([second], Now.Elr.ToArray());

        var before = Now.PartitionEpoch;
        Assert.Equal(ErrorCode.None, _controller.Ask(Leader, _controller.Asked("t", [Leader]) with { Lost = [second] }).Partitions[0].Error);
        Assert.Empty(Now.Elr);
        Assert.Equal(before + 1, Now.PartitionEpoch);
        _controller.Ask(Leader, _controller.Asked("t", [Leader]) with { Lost = [second] });
        Assert.Equal(before + 1, Now.PartitionEpoch);

        Assert.Equal(ErrorCode.InvalidRequest, _controller.Ask(Leader, _controller.Asked("t", [Leader, first]) with { Lost = [first] }).Partitions[0].Error);
        Assert.Equal(ErrorCode.InvalidRequest, _controller.Ask(Leader, _controller.Asked("t", [Leader]) with { Lost = [9] }).Partitions[0].Error);
    }

    [Fact]
    public void A_leader_that_has_lost_records_resigns_in_favour_of_the_others_and_is_not_eligible()
    {
        var (leader, first) = (Leader, Followers[0]);
        var answer = _controller.Ask(leader, _controller.Asked("t", [first]) with { Lost = [leader] }).Partitions[0];
        Assert.Equal((ErrorCode.NewLeaderElected, first, 0), (answer.Error, Now.Leader, Now.UncleanElections));
        Assert.Equal([first], Now.Isr.ToArray());
        Assert.DoesNotContain(leader, Now.Elr);

        Assert.Equal(ErrorCode.InvalidRequest, _controller.Ask(first, _controller.Asked("t", []) with { Lost = [first] }).Partitions[0].Error);
    }

    [Fact]
    public void Who_leaves_while_the_isr_is_below_its_minimum_is_eligible_until_it_is_not_below_any_more()
    {
        var (first, second) = (Followers[0], Followers[1]);
        _controller.AskIsr("t", Leader, first);
        _controller.AskIsr("t", Leader);
        Assert.Equal([first], Now.Elr.ToArray());

        _controller.AskIsr("t", Leader, second);
        Assert.Empty(Now.Elr);
    }

    [Fact]
    public void A_lower_minimum_takes_the_eligible_ones_away_in_the_same_version()
    {
        _controller.AskIsr("t", Leader);
        Assert.Equal(2, Now.Elr.Length);
        var versions = _controller.Log.Count;

        _controller.Do(state => state.AlterConfigs(
            [new AlterConfig(ConfigOwner.Topic("t"), [new EditConfig("min.insync.replicas", ConfigEdit.Set, "1")], false)], false));
        Assert.Empty(Now.Elr);
        Assert.Equal(versions + 1, _controller.Log.Count);
    }

    [Fact]
    public void What_is_asked_for_again_is_a_success_that_changes_nothing()
    {
        var before = Now.PartitionEpoch;
        Assert.Equal(ErrorCode.None, _controller.AskIsr("t", 3, 2, 1).Error);
        Assert.Equal(before, Now.PartitionEpoch);
    }

    [Theory]
    [InlineData(-1, 0, ErrorCode.FencedLeaderEpoch)]
    [InlineData(1, 0, ErrorCode.NotController)]
    [InlineData(0, 1, ErrorCode.NotController)]
    [InlineData(0, -1, ErrorCode.InvalidUpdateVersion)]
    public void A_request_of_another_epoch_is_told_which_way_it_is_off(int leaderEpoch, int partitionEpoch, ErrorCode expected)
    {
        _controller.AskIsr("t", Leader, Followers[0]);
        var before = Now;
        var asked = _controller.Asked("t", [Leader]);
        asked = asked with { LeaderEpoch = asked.LeaderEpoch + leaderEpoch, PartitionEpoch = asked.PartitionEpoch + partitionEpoch };
        Assert.Equal(expected, _controller.Ask(Leader, asked).Partitions[0].Error);
        Assert.Same(before, Now);
    }

    [Fact]
    public void Only_the_leader_may_ask_and_only_for_an_isr_with_itself_of_replicas_named_once()
    {
        _controller.WithBrokers(4);
        var all = _controller.Asked("t", [1, 2, 3]);
        ErrorCode Ask(int broker, AskedIsr asked) => _controller.Ask(broker, asked).Partitions[0].Error;

        Assert.Equal(ErrorCode.InvalidRequest, Ask(Followers[0], all));
        Assert.Equal(ErrorCode.InvalidRequest, Ask(Leader, _controller.Asked("t", [.. Followers])));
        Assert.Equal(ErrorCode.InvalidRequest, Ask(Leader, _controller.Asked("t", [Leader, 4])));
        Assert.Equal(ErrorCode.InvalidRequest, Ask(Leader, _controller.Asked("t", [Leader, Leader])));
        Assert.Equal(ErrorCode.InvalidRequest, _controller.Ask(Leader, all, all).Partitions[1].Error);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, Ask(Leader, all with { Partition = new TopicIdPartition(all.Partition.TopicId, 7) }));
    }

    [Fact]
    public void What_a_leader_may_take_back_never_comes_true_when_the_request_arrives_again()
    {
        var (leader, follower) = (Leader, Followers[0]);
        _controller.Heartbeat(follower, wantsFence: true);
        var asked = _controller.Asked("t", [leader, follower]);
        var refused = _controller.Ask(leader, asked).Partitions[0];
        Assert.Equal(ErrorCode.IneligibleReplica, refused.Error);
        Assert.Equal(asked.PartitionEpoch + 1, refused.Now!.PartitionEpoch);

        _controller.Heartbeat(follower);
        Assert.Equal(ErrorCode.InvalidUpdateVersion, _controller.Ask(leader, asked).Partitions[0].Error);
        Assert.DoesNotContain(follower, Now.Isr);
    }

    [Fact]
    public void Who_has_not_said_where_its_replica_lies_is_ineligible_until_it_has()
    {
        var (leader, follower) = (Leader, Followers[0]);
        _controller.Heartbeat(follower, offline: 0);
        _controller.Do(state => state.RegisterBroker(ControllerFixture.Registration(follower, process: 2) with { Directories = [] }, _controller.NowMs));
        Assert.Equal(DirectoryIds.Unassigned, Now.DirectoryOf(follower));
        _controller.Register(follower, process: 3);
        _controller.Heartbeat(follower);

        Assert.Equal(ErrorCode.IneligibleReplica, _controller.AskIsr("t", leader, follower).Error);

        var id = new TopicIdPartition(_controller.Image.FindTopic("t")!.Id, 0);
        _controller.Do(state => state.AssignDirectories(
            follower, _controller.Image.Brokers[follower].Epoch, [new ReplicaDirectory(id, ControllerFixture.DirectoryOf(follower))]));
        Assert.Equal(ErrorCode.None, _controller.AskIsr("t", leader, follower).Error);
    }

    [Fact]
    public void A_broker_of_another_epoch_asks_for_nothing()
    {
        var answer = _controller.Do(state => state.AlterPartition(
            new AlterPartition(Leader, _controller.Image.Brokers[Leader].Epoch - 1, [_controller.Asked("t", [Leader])])));
        Assert.Equal(ErrorCode.StaleBrokerEpoch, answer.Error);
        Assert.Empty(answer.Partitions);
        Assert.Equal(3, Now.Isr.Length);
    }

    [Fact]
    public void Who_is_fenced_stopping_restarted_or_without_its_directory_is_ineligible_and_the_leader_may_take_it_back()
    {
        var (leader, follower) = (Leader, Followers[0]);
        void Refused(AskedIsr asked)
        {
            var answer = _controller.Ask(leader, asked);
            Assert.Equal(ErrorCode.IneligibleReplica, answer.Partitions[0].Error);
            Assert.True(answer.LetsLeaderRollBack);
        }

        _controller.Heartbeat(follower, wantsFence: true);
        Refused(_controller.Asked("t", [leader, follower]));

        _controller.Heartbeat(follower);
        var asked = _controller.Asked("t", [leader, follower]);
        Refused(asked with { NewIsr = [asked.NewIsr[0], new IsrMember(follower, asked.NewIsr[1].BrokerEpoch - 1)] });

        _controller.Heartbeat(follower, wantsFence: false, offline: [0]);
        Refused(_controller.Asked("t", [leader, follower]));

        var other = Followers[1];
        _controller.Heartbeat(other, wantsShutdown: true);
        Refused(_controller.Asked("t", [leader, other]));
    }
}
