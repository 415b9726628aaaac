using OrleansLog.Core.Controller;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Tests.Controller;

/// <summary>D11 and S7: what happens to partitions whose replica may have lost data.</summary>
public class LostDataRulesTests
{
    private readonly ControllerFixture _controller = new();

    [Fact]
    public void A_partition_whose_only_directory_is_gone_stays_offline_until_the_loss_is_accepted()
    {
        _controller.WithBrokers(1).WithTopic("a");
        _controller.Register(1, process: 2, directories: 5);
        _controller.Heartbeat(1);

        Assert.False(_controller.Partition("a").HasLeader);
        Assert.Equal(ErrorCode.None, _controller.Do(state => state.AcceptLoss(new AcceptLoss("a", 0)))[0].Error);

        var partition = _controller.Partition("a");
        Assert.Equal(1, partition.Leader);
        Assert.Equal(1, partition.UncleanElections);
        Assert.Equal(ControllerFixture.DirectoryOf(1, 5), partition.Directories[0]);
    }

    [Fact]
    public void A_directory_that_comes_back_brings_its_partition_back_without_loss()
    {
        _controller.WithBrokers(1).WithTopic("a");
        _controller.Register(1, process: 2, directories: 5);
        _controller.Heartbeat(1);
        Assert.False(_controller.Partition("a").HasLeader);

        _controller.Register(1, process: 3, directories: [5, 0]);
        _controller.Heartbeat(1);

        Assert.Equal(1, _controller.Partition("a").Leader);
        Assert.Equal(0, _controller.Partition("a").UncleanElections);
    }

    [Fact]
    public void A_gone_directory_does_not_lead_even_where_unclean_elections_are_allowed()
    {
        _controller.WithBrokers(1).WithTopic("a", configs: ("unclean.leader.election.enable", "true"));
        _controller.Register(1, process: 2, directories: 5);
        _controller.Heartbeat(1);

        Assert.False(_controller.Partition("a").HasLeader);
    }

    [Fact]
    public void A_replica_whose_directory_is_gone_leaves_the_isr_and_is_rebuilt_elsewhere_when_others_have_the_data()
    {
        _controller.WithBrokers(1, 2).WithTopic("a", factor: 2, configs: ("min.insync.replicas", "2"));
        _controller.Register(1, process: 2, directories: 5);
        _controller.Heartbeat(1);

        var partition = _controller.Partition("a");
        Assert.Equal<int>([2], partition.Isr);
        Assert.Empty(partition.Elr);
        Assert.Equal(2, partition.Leader);
        Assert.Equal(ControllerFixture.DirectoryOf(1, 5), partition.DirectoryOf(1));
    }

    [Fact]
    public void A_replica_whose_directory_went_while_the_partition_was_offline_is_rebuilt_elsewhere_once_it_has_a_leader()
    {
        _controller.WithBrokers(1, 2).WithTopic("a", factor: 2, configs: ("orleanslog.flush.policy", "os"));
        var last = _controller.Partition("a").Leader;
        var other = 3 - last;
        _controller.Heartbeat(other, wantsFence: true);
        _controller.Register(last, process: 2, mayHaveLostUnsynced: true);
        Assert.Empty(_controller.Partition("a").Isr);

        _controller.Register(other, process: 2, directories: 5);
        _controller.Heartbeat(last);
        _controller.Heartbeat(other);
        Assert.Equal(ControllerFixture.DirectoryOf(other, 5), _controller.Partition("a").DirectoryOf(other));
        Assert.Equal(ErrorCode.None, _controller.AskIsr("a", last, other).Error);
    }

    [Fact]
    public void After_a_recorded_loss_every_replica_gets_a_directory_that_its_broker_has()
    {
        _controller.WithBrokers(1, 2).WithTopic("a", factor: 2, configs: ("orleanslog.flush.policy", "os"));
        var last = _controller.Partition("a").Leader;
        var other = 3 - last;
        _controller.Heartbeat(other, wantsFence: true);
        _controller.Register(last, process: 2, directories: 5);
        Assert.Equal(ControllerFixture.DirectoryOf(last, 0), _controller.Partition("a").DirectoryOf(last));
        _controller.Register(other, process: 2);
        _controller.Heartbeat(other);

        Assert.Equal(ErrorCode.None, _controller.Do(state => state.AcceptLoss(new AcceptLoss("a", 0)))[0].Error);
        Assert.Equal(other, _controller.Partition("a").Leader);
        Assert.Equal(ControllerFixture.DirectoryOf(last, 5), _controller.Partition("a").DirectoryOf(last));
    }

    [Fact]
    public void A_directory_that_fails_takes_only_its_own_partitions_offline()
    {
        _controller.Register(1, directories: [0, 1]);
        _controller.Heartbeat(1);
        _controller.WithTopic("a", partitions: 2);

        _controller.Heartbeat(1, offline: 0);

        var topic = _controller.Image.FindTopic("a")!;
        foreach (var partition in topic.Partitions)
        {
            Assert.Equal(partition.Directories[0] != ControllerFixture.DirectoryOf(1, 0), partition.HasLeader);
        }

        Assert.Equal(1, topic.Partitions.Count(partition => partition.HasLeader));
    }

    [Fact]
    public void An_unclean_stop_of_the_only_replica_elects_it_again_and_records_it()
    {
        _controller.WithBrokers(1).WithTopic("a", configs: ("orleanslog.flush.policy", "os"));
        _controller.Register(1, process: 2, mayHaveLostUnsynced: true);
        Assert.Empty(_controller.Partition("a").Isr);
        _controller.Heartbeat(1);

        Assert.Equal(1, _controller.Partition("a").Leader);
        Assert.Equal(1, _controller.Partition("a").UncleanElections);
    }

    [Fact]
    public void An_unclean_stop_costs_a_topic_that_is_always_synced_nothing()
    {
        _controller.WithBrokers(1).WithTopic("a");
        _controller.Register(1, process: 2, mayHaveLostUnsynced: true);
        _controller.Heartbeat(1);

        Assert.Equal(1, _controller.Partition("a").Leader);
        Assert.Equal(0, _controller.Partition("a").UncleanElections);
    }

    [Fact]
    public void An_unclean_broker_does_not_lead_while_another_has_the_data()
    {
        _controller.WithBrokers(1, 2).WithTopic("a", factor: 2);
        var unclean = _controller.Partition("a").Leader;
        _controller.Register(unclean, process: 2, mayHaveLostUnsynced: true);
        _controller.Heartbeat(unclean);

        Assert.Equal(3 - unclean, _controller.Partition("a").Leader);
        Assert.Equal<int>([3 - unclean], _controller.Partition("a").Isr);
    }

    [Fact]
    public void Members_that_leave_while_the_isr_is_too_small_stay_eligible_to_lead()
    {
        _controller.WithBrokers(1, 2).WithTopic("a", factor: 2, configs: ("min.insync.replicas", "2"));
        var leader = _controller.Partition("a").Leader;
        var follower = 3 - leader;

        _controller.Heartbeat(follower, wantsFence: true);
        Assert.Equal<int>([follower], _controller.Partition("a").Elr);
        _controller.Heartbeat(leader, wantsFence: true);
        Assert.False(_controller.Partition("a").HasLeader);

        _controller.Heartbeat(follower);
        Assert.Equal(follower, _controller.Partition("a").Leader);
        Assert.Equal<int>([follower], _controller.Partition("a").Isr);
        Assert.Equal(0, _controller.Partition("a").UncleanElections);
    }
}
