using Orleans.Runtime;

namespace OrleansLog.Grains;

/// <summary>Work that goes on for as long as a silo is active: begins with it, and is ended and waited for when it stops.</summary>
/// <param name="name">What Orleans' lifecycle calls it.</param>
internal abstract class SiloLoop(string name) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private Task _loop = Task.CompletedTask;

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        name, ServiceLifecycleStage.Active,
        _ =>
        {
            _loop = RunAsync(_stopping.Token);
            return Task.CompletedTask;
        },
        async _ =>
        {
            await _stopping.CancelAsync();
            await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });

    public void Dispose() => _stopping.Dispose();

    /// <summary>The work; it sees to what fails on its way.</summary>
    /// <param name="stopping">The silo stops.</param>
    protected abstract Task RunAsync(CancellationToken stopping);
}
