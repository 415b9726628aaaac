using System.Globalization;
using OrleansLog.Simulation;

const string Usage = """
    OrleansLog.Simulation [options]       explores seeds until one fails or the time is over

      --seconds N       how long (default 60)
      --seeds N         how many seeds at most
      --seed N          the first seed (default 0); without --seconds and --seeds only that one
      --events N        events of a seed (default 500)
      --brokers N       3 to 5; without it the seed says
      --only LIST       of a seed, only these events: 3,17,25+100 (number+milliseconds after it)
      --trace           prints every step of one seed
      --mutate FILE --root DIR    breaks a rule in a copy of the sources

    Exit code 0: no rule was broken. 1: one was; its seed, and the fewest events that show it, are printed.
    """;

var options = Options.Parse(args);
if (options is null)
{
    Console.Error.WriteLine(Usage);
    return 2;
}

if (options.Mutate is { } mutant)
{
    Mutant.Read(mutant).Apply(options.Root);
    return 0;
}

return options.IsOneSeed ? PlayOne(options) : Explore(options);

static int PlayOne(Options options)
{
    var events = options.Choose(SeedRun.EventsOf(options.Seed, options.Events, options.Brokers));
    var result = SeedRun.Play(options.Seed, events, options.Brokers, options.Trace ? Console.Out : null);
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"seed {result.Seed}, {events.Length} events, {result.Steps} steps, {result.SimulatedMs} ms simulated, trace {result.Hash:x16}"));
    if (result.Failure is null)
        return 0;

    Console.WriteLine(options.Trace || options.Only is not null ? result.Failure.ToString() : new Explorer { Events = options.Events, Brokers = options.Brokers }.Explain(result));
    return 1;
}

static int Explore(Options options)
{
    var explorer = new Explorer { Events = options.Events, Brokers = options.Brokers };
    var failed = explorer.Explore(options.Seed, done => done.Seeds < options.Seeds && done.Elapsed.TotalSeconds < options.Seconds);
    Console.WriteLine(explorer.Figures());
    foreach (var missing in explorer.Sightings.Missing)
        Console.WriteLine($"never seen: {missing}");

    if (failed is null)
        return 0;

    Console.WriteLine(options.IsBrief ? $"seed {failed.Seed}: {failed.Failure!.Message}" : explorer.Explain(failed));
    return 1;
}
