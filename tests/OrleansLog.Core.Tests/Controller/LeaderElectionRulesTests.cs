using OrleansLog.Core.Controller;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Tests.Controller;

/// <summary>Elections that somebody asks for, and leadership that goes back by itself.</summary>
public class LeaderElectionRulesTests
{
    private static ErrorCode Elect(ControllerFixture controller, ElectionKind kind, int partition = 0) =>
        controller.Do(state => state.ElectLeaders(new ElectLeaders(kind, [("t", partition)])))[0].Error;

    private static ControllerFixture AfterRestartOfPreferred(params (string, string)[] config)
    {
        var controller = new ControllerFixture(config).WithBrokers(1, 2).WithTopic("t", 1, 2);
        var preferred = controller.Partition("t").Replicas[0];
        controller.Heartbeat(preferred, wantsFence: true);
        controller.Heartbeat(preferred);
        Assert.NotEqual(preferred, controller.Partition("t").Leader);
        return controller;
    }

    [Fact]
    public void Sessions_that_end_together_elect_nobody_who_is_gone_too()
    {
        var controller = new ControllerFixture().WithBrokers(1, 2, 3)
            .WithTopic("orders", factor: 3, configs: [("min.insync.replicas", "1"), ("unclean.leader.election.enable", "true")]);
        var leader = controller.Partition("orders").Leader;
        controller.AskIsr("orders", leader);
        controller.State.TakeFencings();

        controller.Pass(ControllerFixture.SessionMs + 1000);

        var now = controller.Partition("orders");
        Assert.Equal((PartitionImage.NoLeader, 0), (now.Leader, now.UncleanElections));
        Assert.Equal<int>([leader], now.Elr);
        Assert.Equal([(1, leader == 1), (2, leader == 2), (3, leader == 3)], controller.State.TakeFencings().Select(fencing => (fencing.BrokerId, fencing.LostLeaders == 1)).Order());
        controller.Heartbeat(leader);
        Assert.Equal((leader, 0), (controller.Partition("orders").Leader, controller.Partition("orders").UncleanElections));
    }

    [Fact]
    public void The_preferred_leader_leads_again_once_it_is_in_sync()
    {
        var controller = AfterRestartOfPreferred();
        Assert.Equal(ErrorCode.PreferredLeaderNotAvailable, Elect(controller, ElectionKind.Preferred));

        controller.AskIsr("t", 1, 2);
        var before = controller.Partition("t");
        Assert.Equal(ErrorCode.None, Elect(controller, ElectionKind.Preferred));
        var after = controller.Partition("t");
        Assert.Equal((before.Replicas[0], before.LeaderEpoch + 1, 0), (after.Leader, after.LeaderEpoch, after.UncleanElections));
        Assert.Equal(2, after.Isr.Length);
        Assert.Equal(ErrorCode.ElectionNotNeeded, Elect(controller, ElectionKind.Preferred));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, Elect(controller, ElectionKind.Preferred, 9));
        Assert.Empty(controller.Do(state => state.ElectLeaders(new ElectLeaders(ElectionKind.Preferred, null))));
    }

    [Fact]
    public void An_unclean_election_on_demand_takes_who_is_alive_and_is_counted()
    {
        var controller = new ControllerFixture().WithBrokers(1, 2).WithTopic("t", 1, 2);
        var leader = controller.Partition("t").Leader;
        var other = 3 - leader;
        Assert.Equal(ErrorCode.ElectionNotNeeded, Elect(controller, ElectionKind.Unclean));

        controller.AskIsr("t", leader);
        controller.Heartbeat(leader, wantsFence: true);
        Assert.False(controller.Partition("t").HasLeader);
        Assert.Equal(ErrorCode.None, Elect(controller, ElectionKind.Unclean));
        Assert.Equal((other, 1), (controller.Partition("t").Leader, controller.Partition("t").UncleanElections));
    }

    [Fact]
    public void An_unclean_election_needs_somebody_alive()
    {
        var controller = new ControllerFixture().WithBrokers(1).WithTopic("t");
        controller.Heartbeat(1, wantsFence: true);
        Assert.Equal(ErrorCode.EligibleLeadersNotAvailable, Elect(controller, ElectionKind.Unclean));
        Assert.False(controller.Partition("t").HasLeader);
    }

    [Fact]
    public void Allowing_unclean_elections_elects_where_nobody_leads()
    {
        var controller = new ControllerFixture().WithBrokers(1, 2).WithTopic("t", 1, 2);
        var leader = controller.Partition("t").Leader;
        controller.AskIsr("t", leader);
        controller.Heartbeat(leader, wantsFence: true);
        controller.Do(state => state.AlterConfigs(
            [new AlterConfig(ConfigOwner.Topic("t"), [new EditConfig("unclean.leader.election.enable", ConfigEdit.Set, "true")], false)], false));
        Assert.Equal(3 - leader, controller.Partition("t").Leader);
    }

    [Theory]
    [InlineData("true", "10", 1)]
    [InlineData("false", "10", 0)]
    [InlineData("true", "100", 0)]
    public void Leadership_goes_back_by_itself_where_the_imbalance_is_above_its_bound(string enabled, string percentage, int moved)
    {
        var controller = AfterRestartOfPreferred(
            ("auto.leader.rebalance.enable", enabled), ("leader.imbalance.per.broker.percentage", percentage), ("leader.imbalance.check.interval.seconds", "300"));
        controller.AskIsr("t", 1, 2);
        var before = controller.Partition("t");
        controller.Do(state => Assert.Equal(0, state.BalanceLeaders(controller.NowMs + 299_999)));
        controller.Do(state => Assert.Equal(moved, state.BalanceLeaders(controller.NowMs + 300_000)));
        Assert.Equal(moved == 1 ? before.Replicas[0] : before.Leader, controller.Partition("t").Leader);
    }
}
