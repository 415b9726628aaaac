using Orleans.Runtime;
using OrleansLog.Core.Controller;

namespace OrleansLog.Grains.Tests.Controller;

public sealed class ControllerSeatTests : IDisposable
{
    private static readonly SiloAddress First = SiloAddress.FromParsableString("127.0.0.1:11111@1");
    private static readonly SiloAddress Second = SiloAddress.FromParsableString("127.0.0.1:11112@1");
    private static readonly SiloAddress Third = SiloAddress.FromParsableString("127.0.0.1:11113@1");
    private static readonly SiloAddress[] All = [Second, Third, First];

    private readonly MetadataCache _metadata = new();
    private readonly ControllerSeat _seat;

    public ControllerSeatTests() => _seat = new ControllerSeat(_metadata);

    public void Dispose() => _seat.Dispose();

    [Fact]
    public void Before_any_controller_is_known_all_ask_the_same_silo()
    {
        Assert.Equal(First, _seat.Choose(All));
        Assert.Equal(Second, _seat.Choose([Third, Second]));
        Assert.Equal(-1, _seat.Epoch);
    }

    [Fact]
    public void The_silo_that_the_metadata_names_is_asked_while_it_lives()
    {
        Take(epoch: 1, Third);

        Assert.Equal(Third, _seat.Choose(All));
        Assert.Equal(First, _seat.Choose([Second, First]));
    }

    [Fact]
    public void An_answer_is_news_where_it_names_a_later_controller()
    {
        Take(epoch: 3, Third);

        Assert.False(_seat.Learn(2, First.ToParsableString()));
        Assert.False(_seat.Learn(3, Third.ToParsableString()));
        Assert.False(_seat.Learn(4, ""));
        Assert.False(_seat.Learn(4, "nonsense"));
        Assert.Equal(Third, _seat.Choose(All));
        Assert.True(_seat.Learn(4, Second.ToParsableString()));
        Assert.Equal(Second, _seat.Choose(All));
    }

    [Fact]
    public void A_silo_that_is_avoided_is_asked_again_once_others_hear_it_or_there_is_a_later_controller_on_it()
    {
        Take(epoch: 1, Third);
        _seat.Avoid(First, ControllerLoss.Unable);
        Assert.Null(_seat.Loss);
        _seat.Avoid(Third, ControllerLoss.Silent);
        Assert.Equal(ControllerLoss.Silent, _seat.Loss);
        _seat.Avoid(Third, ControllerLoss.Unable);
        Assert.Equal(ControllerLoss.Unable, _seat.Loss);
        Assert.Equal(Second, _seat.Choose(All));

        Assert.True(_seat.Learn(1, Third.ToParsableString()));
        Assert.Null(_seat.Loss);
        Assert.Equal(Third, _seat.Choose(All));
    }

    [Fact]
    public void Silos_that_are_avoided_are_asked_again_when_nobody_else_is_left()
    {
        Take(epoch: 1, Third);
        _seat.Avoid(Third, ControllerLoss.Silent);
        _seat.Avoid(First, ControllerLoss.Silent);
        Assert.Equal(Second, _seat.Choose(All));
        _seat.Avoid(Second, ControllerLoss.Silent);

        Assert.Equal(Third, _seat.Choose(All));
        Assert.Null(_seat.Loss);
    }

    [Fact]
    public void Who_waits_for_an_answer_is_told_when_the_controller_is_asked_elsewhere()
    {
        Take(epoch: 1, Third);
        _seat.Choose(All);
        var waiting = _seat.Moved;
        Take(epoch: 2, Third);
        Assert.False(waiting.IsCompleted);

        _seat.Avoid(Third, ControllerLoss.Silent);
        Assert.True(waiting.IsCompleted);

        _seat.Choose(All);
        waiting = _seat.Moved;
        Take(epoch: 3, Second);
        Assert.True(waiting.IsCompleted);
    }

    private void Take(long epoch, SiloAddress silo)
    {
        var image = _metadata.Current;
        _metadata.Publish(image.Apply(image.Version + 1, [new ControllerEpochRecord(epoch, silo.ToParsableString())]));
    }
}
