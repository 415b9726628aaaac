using System.Collections.Concurrent;
using System.Diagnostics;

namespace OrleansLog.Testing.Internals;

/// <summary>
/// The silos of a cluster that run, and what the others make of one that is paused. In production their probes take it for dead after 2 to 9 s; here the
/// probes are patient, as a busy machine must not look like a dead silo, and this does it in their place: of a pause it is known that it is one.
/// </summary>
/// <param name="membership">What silos know of each other.</param>
internal sealed class ClusterSilos(MemoryMembership membership)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<string, BrokerInstance> _running = new(StringComparer.Ordinal);

    /// <summary>What silos know of each other.</summary>
    public MemoryMembership Membership => membership;

    public void Add(BrokerInstance started) => _running[started.Silo.ToParsableString()] = started;

    public void Remove(BrokerInstance ended) => _running.TryRemove(new(ended.Silo.ToParsableString(), ended));

    /// <summary>The newest metadata version that a broker which is not paused has applied; -1 where there is none.</summary>
    public long NewestVersion => Awake.Select(static broker => broker.Metadata.Version).Append(-1).Max();

    /// <summary>Paused silos are dead from now on: a silo that starts has to reach all that are not.</summary>
    public async Task DeclarePausedDeadAsync(CancellationToken cancellationToken)
    {
        foreach (var broker in _running.Values.Where(static broker => broker.IsPaused))
            await DeclareDeadAsync(broker, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Declares a silo dead when it has been paused for long.</summary>
    /// <param name="paused">The broker that is paused.</param>
    /// <param name="longest">How long it may be paused.</param>
    /// <param name="ended">Ends it, with the pause.</param>
    public async Task JudgeAsync(BrokerInstance paused, TimeSpan longest, CancellationToken ended)
    {
        var began = Stopwatch.GetTimestamp();
        using var look = new PeriodicTimer(LookInterval);
        while (await look.WaitForNextTickAsync(ended).ConfigureAwait(false))
        {
            if (Stopwatch.GetElapsedTime(began) >= longest && Awake.Any())
            {
                await DeclareDeadAsync(paused, ended).ConfigureAwait(false);
                return;
            }
        }
    }

    /// <summary>
    /// The others hear of it at the same time, as they do from each other in production: one that knows would ask another, that does not, where the controller
    /// is, and call the dead one, for half a minute.
    /// </summary>
    private async Task DeclareDeadAsync(BrokerInstance paused, CancellationToken cancellationToken)
    {
        var version = membership.DeclareDead(paused.Silo);
        await Task.WhenAll(Awake.Select(broker => broker.Membership.Refresh(version, cancellationToken).AsTask()))
            .WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private IEnumerable<BrokerInstance> Awake => _running.Values.Where(IsAwake);

    private static bool IsAwake(BrokerInstance broker) => !broker.IsPaused && !broker.HasEnded;
}
