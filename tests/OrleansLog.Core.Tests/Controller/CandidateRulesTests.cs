using OrleansLog.Core.Controller;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Tests.Controller;

/// <summary>Silos that may host the controller and are no brokers.</summary>
public class CandidateRulesTests
{
    private const string Here = "127.0.0.1:11114@1";
    private const string Elsewhere = "127.0.0.1:22224@2";

    private readonly ControllerFixture _controller = new();

    [Fact]
    public void A_candidate_leaves_no_trace_in_the_metadata()
    {
        var version = _controller.Image.Version;

        Assert.Equal(ErrorCode.None, Alive(4, 1, Here).Error);
        Assert.Equal(version, _controller.Image.Version);
    }

    [Theory]
    [InlineData(ErrorCode.DuplicateBrokerRegistration, 5000, 5000, true)]
    [InlineData(ErrorCode.DuplicateBrokerRegistration, 4999, 5000, false)]
    [InlineData(ErrorCode.DuplicateBrokerRegistration, 0, 0, true)]
    [InlineData(ErrorCode.InvalidRequest, 5000, 0, false)]
    public void A_predecessor_is_waited_out_unless_it_was_heard_since_the_first_question(ErrorCode error, long lastContactAgeMs, long askingForMs, bool isWaitedOut) =>
        Assert.Equal(isWaitedOut, Predecessor.MayBeWaitedOut(error, lastContactAgeMs, askingForMs));

    [Fact]
    public void A_second_process_with_a_live_candidates_id_is_refused_whatever_it_is()
    {
        Alive(4, 1, Here);

        var candidate = Alive(4, 2, Elsewhere);
        var broker = Register(4, Elsewhere);

        Assert.Equal((ErrorCode.DuplicateBrokerRegistration, ErrorCode.DuplicateBrokerRegistration), (candidate.Error, broker.Error));
        Assert.Contains(Here, candidate.Message, StringComparison.Ordinal);
        Assert.Contains(Here, broker.Message, StringComparison.Ordinal);
        Assert.Equal(ErrorCode.None, Alive(4, 1, Here).Error);
    }

    [Fact]
    public void A_candidate_with_a_live_brokers_id_is_refused()
    {
        _controller.WithBrokers(1);

        Assert.Equal(ErrorCode.DuplicateBrokerRegistration, Alive(1, 9, Elsewhere).Error);
        Assert.Equal(ErrorCode.None, Alive(1, 9, Elsewhere, previousSiloIsDead: true).Error);
    }

    [Fact]
    public void The_id_is_free_once_its_holder_was_not_heard_for_a_session_or_its_silo_died_or_its_address_has_another_process()
    {
        Alive(4, 1, Here);
        Assert.Equal(ErrorCode.None, Alive(4, 2, "127.0.0.1:11114@2").Error);
        Assert.Equal(ErrorCode.DuplicateBrokerRegistration, Alive(4, 3, Elsewhere).Error);
        _controller.Pass(ControllerFixture.SessionMs);
        Assert.Equal(ErrorCode.None, Alive(4, 3, Elsewhere).Error);
        _controller.Do(state => state.SiloDied(Elsewhere));
        Assert.Equal(ErrorCode.None, Register(4, Here).Error);
    }

    [Fact]
    public void Whoever_had_the_id_before_the_controller_moved_has_it_afterwards()
    {
        var joined = Alive(4, 1, Here).JoinedEpoch;
        _controller.FailOver();
        Assert.Equal(ErrorCode.None, Alive(4, 2, Elsewhere).Error);

        var again = Alive(4, 1, Here, joined);
        Assert.Equal((ErrorCode.None, joined), (again.Error, again.JoinedEpoch));
        Assert.Equal(ErrorCode.DuplicateBrokerRegistration, Alive(4, 2, Elsewhere, joined + 1).Error);
    }

    [Fact]
    public void Clients_are_told_a_broker_that_answers_where_the_controllers_silo_is_no_broker()
    {
        _controller.WithBrokers(1, 2);
        Assert.Equal((1, 1), (_controller.Image.ControllerIdTold(1), _controller.Image.ControllerIdTold(2)));

        _controller.Do(state => state.Activate("127.0.0.1:33333@1", ControllerFixture.ClusterId, _controller.NowMs));

        Assert.Equal((1, 2, 1), (_controller.Image.ControllerIdTold(1), _controller.Image.ControllerIdTold(2), _controller.Image.ControllerIdTold(3)));
    }

    private CandidateAnswer Alive(int id, int process, string silo, long joinedEpoch = -1, bool previousSiloIsDead = false) => _controller.Do(state => state.CandidateAlive(
        new CandidateAlive { Id = id, IncarnationId = new Guid(process, 0, 0, new byte[8]), SiloAddress = silo, JoinedEpoch = joinedEpoch, PreviousSiloIsDead = previousSiloIsDead }, _controller.NowMs));

    private RegisterBrokerAnswer Register(int id, string silo) =>
        _controller.Do(state => state.RegisterBroker(ControllerFixture.Registration(id, process: 7) with { SiloAddress = silo }, _controller.NowMs));
}
