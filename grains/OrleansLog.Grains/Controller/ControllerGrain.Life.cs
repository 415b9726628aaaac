using Orleans.Runtime;
using OrleansLog.Core.Controller;
using OrleansLog.Protocol;

namespace OrleansLog.Grains;

/// <summary>How the controller comes and goes.</summary>
internal sealed partial class ControllerGrain
{
    /// <summary>Whoever had it activated is to hear who the controller is; Orleans would pass his call on to the next activation, which is no better.</summary>
    private static readonly TimeSpan AnswerPause = TimeSpan.FromMilliseconds(100);

    /// <inheritdoc/>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (this.GetPrimaryKeyString() != _silo.SiloAddress.ToParsableString())
        {
            throw new InvalidOperationException($"this silo is {_silo.SiloAddress}, not {this.GetPrimaryKeyString()}");
        }

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
            var claim = ClaimAnswer.LeaveIt;
            await _shell.StartAsync(
                _silo.SiloAddress.ToParsableString(),
                Uuid.FromGuid(Guid.NewGuid()).ToString(),
                async found => (claim = await _claim.MakeAsync(found, cancellationToken)) != ClaimAnswer.LeaveIt,
                cancellationToken);
            _metrics.Activated(_shell);
            if (claim == ClaimAnswer.TakeOverFromSilent)
            {
                // Who does not answer as the controller does not as a broker either; one that wakes up comes back with its next heartbeat (S11).
                _shell.SiloSilent(_shell.Predecessor.Silo);
            }
        }
        catch (ControllerSteppedDownException)
        {
            // Another one is the controller, or took over at the same time, as when silos start together: whoever asks this one is told so, and it leaves.
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
        await Task.Delay(_shell.HasLogFailed ? _failures.Pause : AnswerPause, _time, _deactivating.Token)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (!_deactivating.IsCancellationRequested)
        {
            DeactivateOnIdle();
        }
    }
}
