using Orleans.Runtime;
using OrleansLog.Core.Controller;
using OrleansLog.Protocol;

namespace OrleansLog.Grains;

/// <summary>How the controller comes and goes.</summary>
internal sealed partial class ControllerGrain
{
    /// <inheritdoc/>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (!_departure.Token.IsCancellationRequested)
        {
            await TakeOverAsync(cancellationToken);
        }

        _leaving = _departure.Token.Register(static shell => ((ControllerShell)shell!).Leave(), _shell);
        _watching = Task.WhenAll(WatchMembershipAsync(), LeaveWhenSteppedDownAsync());
    }

    /// <summary>Steps down and waits for what still runs; Orleans calls it after the deactivation.</summary>
    public async ValueTask DisposeAsync()
    {
        await _leaving.DisposeAsync();
        await _deactivating.CancelAsync();
        await _shell.DisposeAsync();
        await _watching;
        _deactivating.Dispose();
    }

    private async Task TakeOverAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _shell.StartAsync(_silo.SiloAddress.ToParsableString(), Uuid.FromGuid(Guid.NewGuid()).ToString(), cancellationToken);
            _metrics.Activated(_shell);
        }
        catch (ControllerSteppedDownException)
        {
            // Another one took over at the same time, as when silos start together: whoever asks this one is told so, and it leaves.
        }
        catch (Exception e) when (e is not (OperationCanceledException or MetadataFormatException))
        {
            // An activation that fails is tried again with the next call, and Orleans logs each; one that refuses what it is asked can take its time.
            _shell.Fail(e);
        }
    }

    private async Task WatchMembershipAsync()
    {
        try
        {
            await foreach (var snapshot in _membership.MembershipUpdates.WithCancellation(_deactivating.Token))
            {
                foreach (var member in snapshot.Members.Values.Where(member => member.Status == SiloStatus.Dead))
                {
                    _shell.SiloDied(member.SiloAddress.ToParsableString());
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task LeaveWhenSteppedDownAsync()
    {
        await _shell.SteppedDown;
        _metrics.SteppedDown(_shell);
        if (_shell.HasLogFailed)
        {
            await Task.Delay(_failures.Pause, _time, _deactivating.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        if (!_deactivating.IsCancellationRequested)
        {
            DeactivateOnIdle();
        }
    }
}
