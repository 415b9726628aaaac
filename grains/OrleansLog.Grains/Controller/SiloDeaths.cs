using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace OrleansLog.Grains;

/// <summary>Has Orleans take the controller's silo for dead when its process is gone, so that another one takes over; once for each process.</summary>
/// <param name="tryKill">Writes the death into the membership.</param>
/// <param name="logger">The operator's log.</param>
internal sealed partial class SiloDeaths(Func<SiloAddress, Task<bool>> tryKill, ILogger logger)
{
    private SiloAddress? _declared;

    /// <summary>Whether Orleans takes a silo for dead by the word of this one, given now or before: the metadata names the silo as the controller's until another has begun.</summary>
    /// <param name="silo">The controller's silo.</param>
    /// <param name="isGone">Whether its process is known to be gone, as nobody listens at its port.</param>
    public async Task<bool> IsTakenForDeadAsync(SiloAddress silo, bool isGone)
    {
        if (silo.Equals(Volatile.Read(ref _declared)))
            return true;

        if (!isGone || !await tryKill(silo).ConfigureAwait(false))
            return false;

        if (!silo.Equals(Interlocked.Exchange(ref _declared, silo)))
            LogGone(logger, silo);

        return true;
    }

    [LoggerMessage(1220, LogLevel.Warning, "Nobody listens any more at the silo {SiloAddress}, which hosted the controller: it is taken for dead, so that another one takes over")]
    private static partial void LogGone(ILogger logger, SiloAddress siloAddress);
}
