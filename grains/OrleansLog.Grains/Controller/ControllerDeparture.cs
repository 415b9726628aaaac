using Orleans.Runtime;

namespace OrleansLog.Grains;

/// <summary>
/// Tells a controller on this silo that the silo stops. Orleans waits for the calls of a grain before it lets it go, and brokers wait at the
/// controller for news: without being told, it would hold up the stop, and its successor, for as long as they wait.
/// </summary>
internal sealed class ControllerDeparture : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private readonly CancellationTokenSource _leaving = new();

    /// <summary>Cancelled once this silo's broker has handed over what it leads, and its grains are about to go.</summary>
    public CancellationToken Token => _leaving.Token;

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(ControllerDeparture), ServiceLifecycleStage.BecomeActive, static _ => Task.CompletedTask, _ => _leaving.CancelAsync());

    public void Dispose() => _leaving.Dispose();
}
