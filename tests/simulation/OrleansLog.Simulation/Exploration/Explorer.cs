using System.Diagnostics;

namespace OrleansLog.Simulation;

/// <summary>Plays seed after seed until one fails, or enough were played.</summary>
internal sealed class Explorer
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();

    public int Events { get; init; } = SeedRun.EventsPerSeed;

    public int? Brokers { get; init; }

    public long Seeds { get; private set; }

    public long Steps { get; private set; }

    public long SimulatedMs { get; private set; }

    public Sightings Sightings { get; } = new();

    public TimeSpan Elapsed => _watch.Elapsed;

    /// <summary>Plays seeds from one on.</summary>
    /// <param name="first">The first seed.</param>
    /// <param name="goesOn">Whether another one is played.</param>
    /// <returns>The first run that fails, or null.</returns>
    public RunResult? Explore(ulong first, Func<Explorer, bool> goesOn)
    {
        for (var seed = first; goesOn(this); seed++)
        {
            var result = SeedRun.Play(seed, Events, Brokers);
            Seeds++;
            Steps += result.Steps;
            SimulatedMs += result.SimulatedMs;
            Sightings.Add(result.Sightings);
            if (result.Failure is not null)
                return result;
        }

        return null;
    }

    /// <summary>A failed run as a reader needs it: shrunk, with its trace.</summary>
    public string Explain(RunResult failed)
    {
        var events = SeedRun.EventsOf(failed.Seed, Events, Brokers);
        var least = Shrinker.Shrink(failed, events, Brokers);
        var again = SeedRun.Play(failed.Seed, least, Brokers);
        return $"""
            seed {failed.Seed} of {Events} events fails at event {failed.EventsDone}: {failed.Failure!.Message}
            {Scenario.Of(failed.Seed, Brokers)}
            the same with {least.Length} events: {again.Failure?.Message ?? "(passes)"}
            --seed {failed.Seed} --events {Events} --only {string.Join(',', least.Select(kept => kept.ThenMs == 0 ? $"{kept.Number}" : $"{kept.Number}+{kept.ThenMs}"))} --trace
            {string.Join(Environment.NewLine, least.Select(kept => $"  {kept}"))}
            """;
    }

    public string Figures() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"""
        {Seeds} seeds of {Events} events in {Elapsed.TotalSeconds:F1} s: {Seeds * Events / Elapsed.TotalSeconds:F0} events/s, {Steps / Elapsed.TotalSeconds:F0} steps/s, {SimulatedMs / 1000.0 / Elapsed.TotalSeconds:F0} simulated seconds in a real one
        {Sightings}
        """);
}
