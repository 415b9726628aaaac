namespace OrleansLog.Simulation;

/// <summary>What came of one seed.</summary>
internal sealed record RunResult
{
    public required ulong Seed { get; init; }

    /// <summary>What broke, or null.</summary>
    public Exception? Failure { get; init; }

    /// <summary>How many of the events had begun.</summary>
    public int EventsDone { get; init; }

    public required ulong Hash { get; init; }

    public required long Steps { get; init; }

    public required long SimulatedMs { get; init; }

    public required Sightings Sightings { get; init; }

    /// <summary>A rule's name, or the type of an exception that Core threw: what a shrunk run has to show again.</summary>
    public string? Kind => Failure is RuleBrokenException broken ? broken.Rule : Failure?.GetType().Name;
}

/// <summary>Plays a seed.</summary>
internal static class SeedRun
{
    public const int EventsPerSeed = 500;

    public static SimEvent[] EventsOf(ulong seed, int count, int? brokers = null) => EventPlan.Make(seed, count, Scenario.Of(seed, brokers).FaultsPerMille);

    public static RunResult Play(ulong seed, int events = EventsPerSeed, int? brokers = null, TextWriter? trace = null) =>
        Play(seed, EventsOf(seed, events, brokers), brokers, trace);

    /// <summary>Plays some of a seed's events.</summary>
    public static RunResult Play(ulong seed, IReadOnlyList<SimEvent> events, int? brokers = null, TextWriter? trace = null, ShellMutation broken = ShellMutation.None)
    {
        var world = new World(Scenario.Of(seed, brokers), trace, broken);
        var done = 0;
        Exception? failure = null;
        try
        {
            world.Play(events, number => done = number);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            failure = e;
        }

        return new()
        {
            Seed = seed,
            Failure = failure,
            EventsDone = done,
            Hash = world.Trace.Hash,
            Steps = world.Steps,
            SimulatedMs = world.NowMs,
            Sightings = world.Sightings,
        };
    }
}
