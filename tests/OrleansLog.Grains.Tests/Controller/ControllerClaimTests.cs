using System.Collections.Immutable;
using Microsoft.Extensions.Time.Testing;
using Orleans.Runtime;
using OrleansLog.Core.Controller;
using OrleansLog.TestKit;

namespace OrleansLog.Grains.Tests.Controller;

/// <summary>Four brokers, the controller on the second; the first one is asked to take over.</summary>
public sealed class ControllerClaimTests : IDisposable
{
    private const long Epoch = 5;

    private static readonly SiloAddress[] Silos = [.. Enumerable.Range(1, 4).Select(static id => SiloAddress.FromParsableString($"127.0.0.1:{11110 + id}@1"))];
    private static readonly SiloAddress Own = Silos[0];
    private static readonly SiloAddress Holding = Silos[1];

    private readonly ControllerSeat _seat = new(new MetadataCache());
    private readonly FakeTimeProvider _time = new();
    private readonly Dictionary<SiloAddress, SiloStatus> _known = Silos.ToDictionary(static silo => silo, static _ => SiloStatus.Active);
    private readonly Dictionary<long, Func<Task<bool>>> _hears = [];
    private Func<Task<ControllerStanding>> _holderSays = static () => new TaskCompletionSource<ControllerStanding>().Task;
    private bool _areFenced;
    private Action _onRefresh = static () => { };

    public ControllerClaimTests() => _seat.Learn(Epoch, Holding.ToParsableString());

    public void Dispose() => _seat.Dispose();

    [Fact]
    public async Task Whoever_is_alone_takes_over()
    {
        Assert.Equal(ClaimAnswer.TakeOver, await MakeAsync(MetadataImage.Empty));
        Assert.Equal(ClaimAnswer.TakeOver, await MakeAsync(Image(Own)));
        foreach (var status in new[] { SiloStatus.Dead, SiloStatus.ShuttingDown, SiloStatus.None })
        {
            _known[Holding] = status;
            Assert.Equal(ClaimAnswer.TakeOver, await MakeAsync(Image(Holding)));
        }
    }

    [Fact]
    public async Task A_controller_whose_death_this_silo_has_not_heard_of_yet_is_followed()
    {
        _onRefresh = () => _known[Holding] = SiloStatus.Dead;

        Assert.Equal(ClaimAnswer.TakeOver, await MakeAsync(Image(Holding)));
    }

    [Fact]
    public async Task A_controller_that_answers_goes_on()
    {
        Answer(3, false);
        Answer(4, false);
        Holder(Epoch);
        Assert.Equal(ClaimAnswer.LeaveIt, await MakeAsync(Image(Holding)));

        _seat.Avoid(Holding, ControllerLoss.Silent);
        Assert.Equal(ClaimAnswer.LeaveIt, await MakeAsync(Image(Holding)));
    }

    [Fact]
    public async Task One_that_is_silent_goes_on_where_another_broker_hears_it()
    {
        Answer(3, true);
        Answer(4, false);

        Assert.Equal(ClaimAnswer.LeaveIt, await MakeInTimeAsync());
    }

    [Fact]
    public async Task One_that_is_silent_is_followed_with_half_of_the_others()
    {
        Answer(4, false);
        Never(3);

        Assert.Equal(ClaimAnswer.TakeOverFromSilent, await MakeInTimeAsync());
    }

    [Fact]
    public async Task Of_those_that_are_dead_nobody_is_asked()
    {
        _known[Silos[2]] = SiloStatus.Dead;
        Answer(4, false);

        Assert.Equal(ClaimAnswer.TakeOverFromSilent, await MakeInTimeAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_reaches_nobody_takes_nothing_over(bool hasFencedThem)
    {
        _areFenced = hasFencedThem;
        Never(3);
        _hears[4] = static () => Task.FromException<bool>(new SiloUnavailableException());

        Assert.Equal(ClaimAnswer.LeaveIt, await MakeInTimeAsync());
    }

    [Fact]
    public async Task One_that_cannot_be_the_controller_has_time_and_keeps_its_broker()
    {
        Holder(-1);
        Answer(3, false);
        Answer(4, false);
        Assert.Equal(ClaimAnswer.LeaveIt, await MakeAsync(Image(Holding)));

        _seat.Avoid(Holding, ControllerLoss.Unable);
        Assert.Equal(ClaimAnswer.TakeOver, await MakeAsync(Image(Holding)));
    }

    private void Holder(long epoch) => _holderSays = () => Task.FromResult(new ControllerStanding(epoch, Epoch, Holding.ToParsableString()));

    private async Task<ClaimAnswer> MakeInTimeAsync()
    {
        var made = MakeAsync(Image(Holding));
        _time.Advance(TimeSpan.FromSeconds(1));
        return await made;
    }

    private void Answer(int broker, bool hears) => _hears[broker] = () => Task.FromResult(hears);

    private void Never(int broker) => _hears[broker] = static () => new TaskCompletionSource<bool>().Task;

    private Task<ClaimAnswer> MakeAsync(MetadataImage image)
    {
        var membership = InterfaceStub.Of<IClusterMembershipService>((method, _) => method.Name switch
        {
            "Refresh" => Refresh(),
            "get_CurrentSnapshot" => new ClusterMembershipSnapshot(
                _known.ToImmutableDictionary(pair => pair.Key, pair => new ClusterMember(pair.Key, pair.Value, "silo")), new MembershipVersion(1)),
            _ => throw new InvalidOperationException(method.Name),
        });
        var silo = InterfaceStub.Of<ILocalSiloDetails>((_, _) => Own);
        var grains = InterfaceStub.Of<IGrainFactory>((_, args) => args[0] is long broker
            ? InterfaceStub.Of<IBrokerGrain>((_, _) => _hears[broker]())
            : InterfaceStub.Of<IControllerGrain>((_, _) => _holderSays()));
        return new ControllerClaim(_seat, membership, silo, grains, _time).MakeAsync(image, CancellationToken.None);
    }

    private object Refresh()
    {
        _onRefresh();
        return default(ValueTask);
    }

    private MetadataImage Image(SiloAddress holder) => MetadataImage.Empty.Apply(1, [
        new ControllerEpochRecord(Epoch, holder.ToParsableString()),
        .. Silos.Select((silo, index) => new BrokerRecord
        {
            Id = index + 1, Epoch = 1, IncarnationId = Guid.NewGuid(), SiloAddress = silo.ToParsableString(), Fenced = _areFenced, Directories = [Guid.NewGuid()],
        }),
    ]).Current;
}
