using Orleans.Runtime;

namespace OrleansLog.Grains;

/// <summary>The way to the controller, on whichever silo it is.</summary>
public sealed class ControllerCalls
{
    private readonly IGrainFactory _grains;
    private readonly Func<SiloAddress[]> _candidates;
    private readonly ControllerSeat _seat;
    private readonly TimeProvider _time;

    internal ControllerCalls(IGrainFactory grains, Func<SiloAddress[]> candidates, ControllerSeat seat, TimeProvider time)
    {
        _grains = grains;
        _candidates = candidates;
        _seat = seat;
        _time = time;
    }

    /// <summary>The highest controller epoch that this silo knows of; -1 before any.</summary>
    internal long KnownEpoch => _seat.Epoch;

    /// <summary>Asks the controller. What it was asked may be done also where the call fails.</summary>
    /// <exception cref="SiloUnavailableException">
    /// No silo that may host it is alive; or the one that does is gone, or silent, and the next call asks another.
    /// </exception>
    public async Task<T> AskAsync<T>(Func<IControllerGrain, Task<T>> ask)
    {
        ArgumentNullException.ThrowIfNull(ask);
        var moved = _seat.Moved;
        var asked = ask(Find());
        if (await Task.WhenAny(asked, moved).ConfigureAwait(false) == asked)
            return await asked.ConfigureAwait(false);

        asked.Ignore();
        throw new SiloUnavailableException("the silo of the controller is silent, or another one has taken over");
    }

    /// <summary>Asks whoever should be the controller whether it is, and learns from the answer.</summary>
    /// <param name="limit">How long to wait for it.</param>
    /// <returns>The answer; null where there was none.</returns>
    internal async Task<ControllerStanding?> PingAsync(TimeSpan limit)
    {
        var asked = AskAsync(static controller => controller.PingAsync());
        await ((Task)asked).WaitAsync(limit, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!asked.IsCompletedSuccessfully)
        {
            asked.Ignore();
            return null;
        }

        var standing = await asked.ConfigureAwait(false);
        _seat.Learn(standing.KnownEpoch, standing.KnownSilo);
        return standing;
    }

    /// <summary>Whether this silo hears the controller of an epoch, or knows of a later one.</summary>
    /// <param name="controllerEpoch">The epoch.</param>
    /// <param name="limit">How long to wait for an answer.</param>
    internal async Task<bool> HearsAsync(long controllerEpoch, TimeSpan limit)
    {
        if (_seat.Epoch > controllerEpoch)
            return true;

        // Where it is being avoided, it would be another one that answers: perhaps the one that wants to know.
        return _seat.Loss is null && await PingAsync(limit).ConfigureAwait(false) is { } standing && standing.Epoch >= controllerEpoch;
    }

    private IControllerGrain Find()
    {
        var candidates = _candidates();
        return candidates.Length == 0
            ? throw new SiloUnavailableException("no silo is alive that may host the controller (process.roles)")
            : _grains.GetGrain<IControllerGrain>(_seat.Choose(candidates).ToParsableString());
    }
}
