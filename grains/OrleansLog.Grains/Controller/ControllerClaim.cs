using Orleans.Runtime;
using OrleansLog.Core.Controller;
using OrleansLog.Grains.Placement;

namespace OrleansLog.Grains;

/// <summary>
/// Whether an activation of the controller's grain takes over. Whoever asked for it may know less than the log, which names the silo of the last
/// controller: one that lives, as far as Orleans knows, goes on, unless neither this silo nor one of those that it reaches hears it.
/// </summary>
internal sealed class ControllerClaim(
    ControllerSeat seat, IClusterMembershipService membership, ILocalSiloDetails silo, IGrainFactory grains, TimeProvider time)
{
    /// <summary>Longer than a broker that is asked waits for the controller itself.</summary>
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromMilliseconds(700);

    /// <summary>Decides.</summary>
    /// <param name="image">What the log holds.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<ClaimAnswer> MakeAsync(MetadataImage image, CancellationToken cancellationToken)
    {
        if (!SiloNames.TryParse(image.ControllerSilo, out var holder) || holder.Equals(silo.SiloAddress) || !IsAlive(holder))
            return ClaimAnswer.TakeOver;

        // This silo's view may be behind that of the one that asked.
        await membership.Refresh(cancellationToken: cancellationToken);
        if (!IsAlive(holder))
            return ClaimAnswer.TakeOver;

        var answer = grains.GetGrain<IControllerGrain>(image.ControllerSilo).PingAsync();
        if (!await IsConfirmedAsync(image, holder, answer, cancellationToken))
            return ClaimAnswer.LeaveIt;

        if (!answer.IsCompletedSuccessfully)
            return ClaimAnswer.TakeOverFromSilent;

        // It answers that it is not the controller: perhaps only for a moment.
        return seat.Epoch == image.ControllerEpoch && seat.Loss == ControllerLoss.Unable ? ClaimAnswer.TakeOver : ClaimAnswer.LeaveIt;
    }

    private bool IsAlive(SiloAddress holder) => membership.CurrentSnapshot.GetSiloStatus(holder) == SiloStatus.Active;

    private async Task<bool> IsConfirmedAsync(MetadataImage image, SiloAddress holder, Task<ControllerStanding> answer, CancellationToken cancellationToken)
    {
        // Orleans says who lives, not the controller that is to be followed: one that is cut off has fenced all others.
        var asked = image.Brokers.Values
            .Where(broker => SiloNames.TryParse(broker.SiloAddress, out var other) && !other.Equals(holder) && !other.Equals(silo.SiloAddress) && IsAlive(other))
            .Select(broker => grains.GetGrain<IBrokerGrain>(broker.Id).HearsControllerAsync(image.ControllerEpoch))
            .ToArray();
        await Task.WhenAll([answer, .. asked]).WaitAsync(AnswerTimeout, time, cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        cancellationToken.ThrowIfCancellationRequested();
        answer.Ignore();
        foreach (var one in asked)
            one.Ignore();

        var answered = asked.Where(one => one.IsCompletedSuccessfully).Select(one => one.Result).ToArray();
        var isHeardHere = answer.IsCompletedSuccessfully && answer.Result.Epoch >= image.ControllerEpoch;
        return Succession.MayTakeOver(asked.Length, answered.Length, isHeardHere || answered.Contains(true));
    }
}

/// <summary>What an activation of the controller's grain does.</summary>
internal enum ClaimAnswer
{
    /// <summary>Somebody else is the controller.</summary>
    LeaveIt,

    /// <summary>It takes over: there is nobody, or one that cannot be the controller.</summary>
    TakeOver,

    /// <summary>It takes over from a silo that is silent, and whose broker is so, too.</summary>
    TakeOverFromSilent,
}
