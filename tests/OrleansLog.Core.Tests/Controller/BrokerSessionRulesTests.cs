using OrleansLog.Core.Controller;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Tests.Controller;

public class BrokerSessionRulesTests
{
    private readonly ControllerFixture _controller = new();

    [Fact]
    public void A_broker_is_fenced_until_it_has_applied_its_own_registration()
    {
        var epoch = _controller.Register(1).BrokerEpoch;
        BrokerAliveAnswer Alive(long applied) => _controller.Do(state =>
            state.BrokerAlive(new BrokerAlive { Id = 1, BrokerEpoch = epoch, AppliedVersion = applied }, _controller.NowMs));

        Assert.True(Alive(epoch - 1).IsFenced);
        Assert.False(Alive(epoch).IsFenced);
        Assert.Equal(epoch, _controller.Image.Brokers[1].Epoch);
    }

    [Fact]
    public void A_second_process_with_a_live_node_id_is_refused_and_told_which_silo_has_it()
    {
        _controller.WithBrokers(1);
        var other = ControllerFixture.Registration(1, process: 2) with { SiloAddress = "127.0.0.1:22222@2", Directories = [ControllerFixture.DirectoryOf(9)] };

        var answer = _controller.Do(state => state.RegisterBroker(other, _controller.NowMs));

        Assert.Equal(ErrorCode.DuplicateBrokerRegistration, answer.Error);
        Assert.Contains("127.0.0.1:11111@1", answer.Message, StringComparison.Ordinal);
        Assert.Equal(1, _controller.Image.Brokers[1].Epoch is var epoch && epoch > 0 ? 1 : 0);
    }

    [Fact]
    public void The_same_node_id_may_register_again_once_its_session_ran_out_or_its_silo_is_dead_or_its_address_is_taken_over()
    {
        _controller.WithBrokers(1, 2, 3);
        var elsewhere = ControllerFixture.Registration(1, process: 2) with { SiloAddress = "127.0.0.1:33333@2" };
        var dead = ControllerFixture.Registration(2, process: 2) with { SiloAddress = "127.0.0.1:33334@2", PreviousSiloIsDead = true };

        Assert.Equal(ErrorCode.None, _controller.Do(state => state.RegisterBroker(dead, _controller.NowMs)).Error);
        Assert.Equal(ErrorCode.None, _controller.Register(3, process: 2).Error);
        Assert.Equal(ErrorCode.DuplicateBrokerRegistration, _controller.Do(state => state.RegisterBroker(elsewhere, _controller.NowMs)).Error);
        _controller.Pass(ControllerFixture.SessionMs);
        Assert.Equal(ErrorCode.None, _controller.Do(state => state.RegisterBroker(elsewhere, _controller.NowMs)).Error);
    }

    [Fact]
    public void A_repeated_registration_of_the_same_process_keeps_its_epoch()
    {
        var first = _controller.Register(1);
        var version = _controller.Image.Version;

        Assert.Equal(first.BrokerEpoch, _controller.Register(1).BrokerEpoch);
        Assert.Equal(version, _controller.Image.Version);
    }

    [Fact]
    public void A_copied_log_directory_is_refused()
    {
        _controller.WithBrokers(1);
        var copy = ControllerFixture.Registration(2) with { Directories = [ControllerFixture.DirectoryOf(1)] };

        var answer = _controller.Do(state => state.RegisterBroker(copy, _controller.NowMs));

        Assert.Equal(ErrorCode.InvalidRegistration, answer.Error);
        Assert.Contains("copy", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Directories_of_another_cluster_are_refused()
    {
        var stranger = ControllerFixture.Registration(1) with { ClusterId = "BBBBBBBBBBBBBBBBBBBBBQ" };

        Assert.Equal(ErrorCode.InconsistentClusterId, _controller.Do(state => state.RegisterBroker(stranger, _controller.NowMs)).Error);
        Assert.Equal(ErrorCode.None, _controller.Do(state => state.RegisterBroker(stranger with { ClusterId = ControllerFixture.ClusterId }, _controller.NowMs)).Error);
    }

    [Fact]
    public void A_broker_of_an_older_build_than_the_finalized_metadata_version_is_refused()
    {
        var old = ControllerFixture.Registration(1) with { MaxMetadataVersion = 0 };

        Assert.Equal(ErrorCode.UnsupportedVersion, _controller.Do(state => state.RegisterBroker(old, _controller.NowMs)).Error);
    }

    [Fact]
    public void A_lost_session_fences_the_broker_and_a_heartbeat_brings_it_back()
    {
        _controller.WithBrokers(1).WithTopic("a");
        var epoch = _controller.Partition("a").LeaderEpoch;

        _controller.Pass(ControllerFixture.SessionMs - 1);
        Assert.Equal(1, _controller.Partition("a").Leader);

        _controller.Pass(1);
        Assert.Equal(PartitionImage.NoLeader, _controller.Partition("a").Leader);
        Assert.True(_controller.Image.Brokers[1].Fenced);

        Assert.False(_controller.Heartbeat(1).IsFenced);
        Assert.Equal(1, _controller.Partition("a").Leader);
        Assert.Equal(epoch + 2, _controller.Partition("a").LeaderEpoch);
        Assert.Equal(0, _controller.Partition("a").UncleanElections);
    }

    /// <summary>A suspended machine, a frozen process: the controller did not listen, so nobody was silent.</summary>
    [Fact]
    public void Time_in_which_the_controller_stood_still_ends_no_session()
    {
        _controller.WithBrokers(1, 2);
        _controller.Pass(ControllerFixture.SessionMs - 2000);

        Assert.InRange(_controller.StandStill(60_000), 59_000, 60_000);
        _controller.Heartbeat(2);
        Assert.False(_controller.Image.Brokers[1].Fenced);

        _controller.Pass(900);
        Assert.False(_controller.Image.Brokers[1].Fenced);
        _controller.Pass(100);
        Assert.True(_controller.Image.Brokers[1].Fenced);
        Assert.False(_controller.Image.Brokers[2].Fenced);
    }

    [Fact]
    public void A_heartbeat_before_the_first_look_after_standing_still_gets_its_session_and_no_more()
    {
        _controller.WithBrokers(1);
        _controller.NowMs += 60_000;
        _controller.Heartbeat(1);
        _controller.Pass(ControllerFixture.SessionMs - 1);
        Assert.False(_controller.Image.Brokers[1].Fenced);

        _controller.Pass(1);
        Assert.True(_controller.Image.Brokers[1].Fenced);
    }

    [Fact]
    public void A_dead_silo_fences_its_broker_at_once()
    {
        _controller.WithBrokers(1, 2);

        _controller.Do(state => state.SiloDied("127.0.0.1:11111@1"));

        Assert.True(_controller.Image.Brokers[1].Fenced);
        Assert.False(_controller.Image.Brokers[2].Fenced);
    }

    [Fact]
    public void A_new_controller_grants_every_broker_one_full_session()
    {
        _controller.WithBrokers(1);
        _controller.NowMs += ControllerFixture.SessionMs - 1;
        _controller.FailOver();

        _controller.Pass(ControllerFixture.SessionMs - 1);

        Assert.False(_controller.Image.Brokers[1].Fenced);
        Assert.Equal(2, _controller.Image.ControllerEpoch);
    }

    [Fact]
    public void A_heartbeat_of_an_earlier_registration_is_told_to_register_again()
    {
        _controller.WithBrokers(1);
        var stale = new BrokerAlive { Id = 1, BrokerEpoch = _controller.Image.Brokers[1].Epoch, AppliedVersion = 1 };
        _controller.Register(1, process: 2);

        Assert.Equal(ErrorCode.StaleBrokerEpoch, _controller.Do(state => state.BrokerAlive(stale, _controller.NowMs)).Error);
    }

    [Fact]
    public void A_broker_that_wants_to_stop_is_let_go_when_the_others_know_who_leads_instead()
    {
        _controller.WithBrokers(1, 2).WithTopic("a", partitions: 1, factor: 2);
        var leaving = _controller.Partition("a").Leader;
        var staying = 3 - leaving;

        Assert.False(_controller.Heartbeat(leaving, wantsShutdown: true).MayShutDown);
        Assert.Equal(staying, _controller.Partition("a").Leader);
        Assert.Equal<int>([staying], _controller.Partition("a").Isr);

        _controller.Heartbeat(staying);
        var answer = _controller.Heartbeat(leaving, wantsShutdown: true);
        Assert.True(answer.MayShutDown);
        Assert.True(_controller.Image.Brokers[leaving].Fenced);
    }

    [Fact]
    public void The_only_broker_is_let_go_at_once_and_leads_cleanly_after_its_restart()
    {
        _controller.WithBrokers(1).WithTopic("a");

        Assert.True(_controller.Heartbeat(1, wantsShutdown: true).MayShutDown);
        Assert.False(_controller.Partition("a").HasLeader);

        _controller.Register(1, process: 2);
        _controller.Heartbeat(1);
        Assert.Equal(1, _controller.Partition("a").Leader);
        Assert.Equal(0, _controller.Partition("a").UncleanElections);
    }

    [Fact]
    public void A_broker_that_another_cannot_reach_is_fenced_at_once_and_comes_back_with_its_next_heartbeat()
    {
        _controller.WithBrokers(1, 2).WithTopic("t", 1, 2);
        var leader = _controller.Partition("t").Leader;
        var other = 3 - leader;
        long Epoch(int id) => _controller.Image.Brokers[id].Epoch;
        ErrorCode Report(int reporter, long reporterEpoch, int broker, long brokerEpoch) =>
            _controller.Do(state => state.BrokerUnreachable(reporter, reporterEpoch, broker, brokerEpoch));

        // Neither strangers count, nor what was true of an earlier process.
        Assert.Equal(ErrorCode.StaleBrokerEpoch, Report(9, 1, leader, Epoch(leader)));
        Assert.Equal(ErrorCode.StaleBrokerEpoch, Report(other, Epoch(other) - 1, leader, Epoch(leader)));
        Assert.Equal(ErrorCode.None, Report(other, Epoch(other), leader, Epoch(leader) - 1));
        Assert.Equal(ErrorCode.None, Report(other, Epoch(other), other, Epoch(other)));
        Assert.Equal(leader, _controller.Partition("t").Leader);

        Assert.Equal(ErrorCode.None, Report(other, Epoch(other), leader, Epoch(leader)));
        Assert.True(_controller.Image.Brokers[leader].Fenced);
        Assert.Equal(other, _controller.Partition("t").Leader);
        Assert.Equal(ErrorCode.StaleBrokerEpoch, Report(leader, Epoch(leader), other, Epoch(other)));

        Assert.False(_controller.Heartbeat(leader).IsFenced);
        Assert.Equal(other, _controller.Partition("t").Leader);
    }

    [Fact]
    public void Two_processes_of_one_broker_never_share_a_broker_epoch()
    {
        RegisterBrokerAnswer Ask(int process) => _controller.State.RegisterBroker(ControllerFixture.Registration(1, process), _controller.NowMs).Answer;

        var first = Ask(process: 1);
        Assert.Equal(ErrorCode.NotController, Ask(process: 2).Error);
        Assert.Equal(first, Ask(process: 1));
        _controller.Persist();
        Assert.True(Ask(process: 2).BrokerEpoch > first.BrokerEpoch);
    }
}
