namespace OrleansLog.Simulation;

/// <summary>Leaves events out of a failing run, and time between them, as long as it fails in the same way (delta debugging).</summary>
internal sealed class Shrinker
{
    private readonly Func<SimEvent[], bool> _fails;

    private Shrinker(Func<SimEvent[], bool> fails) => _fails = fails;

    /// <param name="failed">The run.</param>
    /// <param name="events">Its events.</param>
    /// <param name="brokers">The number of brokers that was asked for, or null.</param>
    /// <param name="triesMax">How often it may be played.</param>
    /// <param name="broken">What its shells did wrong.</param>
    /// <returns>Events of which none can be left out, unless the tries ran out.</returns>
    public static SimEvent[] Shrink(RunResult failed, SimEvent[] events, int? brokers = null, int triesMax = 3_000, ShellMutation broken = ShellMutation.None)
    {
        var tries = 0;
        var shrinker = new Shrinker(some => tries++ < triesMax && SeedRun.Play(failed.Seed, some, brokers, broken: broken).Kind == failed.Kind);
        var begun = events[..Math.Min(events.Length, failed.EventsDone + 1)];
        var left = shrinker._fails(begun) ? begun : events;
        for (var before = -1; before != left.Length && tries < triesMax;)
        {
            before = left.Length;
            left = shrinker.Hasten(shrinker.LeaveOut(left));
        }

        return left;
    }

    private SimEvent[] LeaveOut(SimEvent[] events)
    {
        for (var size = Math.Max(1, events.Length / 2); ; size = Math.Max(1, size / 2))
        {
            var before = events.Length;
            for (var at = 0; at < events.Length;)
            {
                SimEvent[] without = [.. events[..at], .. events[Math.Min(events.Length, at + size)..]];
                if (_fails(without))
                    events = without;
                else
                    at += size;
            }

            if (size == 1 && events.Length == before)
                return events;
        }
    }

    private SimEvent[] Hasten(SimEvent[] events)
    {
        for (var i = 0; i < events.Length; i++)
        {
            if (events[i].ThenMs == 0)
                continue;

            SimEvent[] faster = [.. events];
            faster[i] = events[i] with { ThenMs = 0 };
            if (_fails(faster))
                events = faster;
        }

        return events;
    }
}
