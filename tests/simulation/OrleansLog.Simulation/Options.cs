using System.Globalization;

namespace OrleansLog.Simulation;

/// <summary>What the command line says.</summary>
internal sealed record Options
{
    public ulong Seed { get; init; }

    public double Seconds { get; init; } = double.MaxValue;

    public long Seeds { get; init; } = long.MaxValue;

    public int Events { get; init; } = SeedRun.EventsPerSeed;

    public int? Brokers { get; init; }

    public string? Only { get; init; }

    public bool Trace { get; init; }

    /// <summary>A failed seed is named, and not shrunk.</summary>
    public bool IsBrief { get; init; }

    public string? Mutate { get; init; }

    public string Root { get; init; } = ".";

    public bool IsOneSeed { get; init; }

    /// <summary>Null for what is no option.</summary>
    public static Options? Parse(string[] args)
    {
        var options = new Options();
        var hasSeed = false;
        for (var i = 0; i < args.Length; i++)
        {
            var value = i + 1 < args.Length ? args[i + 1] : "";
            switch (args[i])
            {
                case "--trace":
                    options = options with { Trace = true };
                    continue;
                case "--brief":
                    options = options with { IsBrief = true };
                    continue;
                case "--only":
                    options = options with { Only = value };
                    break;
                case "--mutate":
                    options = options with { Mutate = value };
                    break;
                case "--root":
                    options = options with { Root = value };
                    break;
                case "--seed" when ulong.TryParse(value, CultureInfo.InvariantCulture, out var seed):
                    options = options with { Seed = seed };
                    hasSeed = true;
                    break;
                case "--seconds" when double.TryParse(value, CultureInfo.InvariantCulture, out var seconds):
                    options = options with { Seconds = seconds };
                    break;
                case "--seeds" when long.TryParse(value, CultureInfo.InvariantCulture, out var seeds):
                    options = options with { Seeds = seeds };
                    break;
                case "--events" when int.TryParse(value, CultureInfo.InvariantCulture, out var events) && events > 0:
                    options = options with { Events = events };
                    break;
                case "--brokers" when int.TryParse(value, CultureInfo.InvariantCulture, out var brokers) && brokers is >= 3 and <= 5:
                    options = options with { Brokers = brokers };
                    break;
                default:
                    return null;
            }

            i++;
        }

        var isEndless = options.Seconds == double.MaxValue && options.Seeds == long.MaxValue;
        return options with { IsOneSeed = hasSeed && isEndless, Seconds = isEndless ? 60 : options.Seconds };
    }

    /// <summary>The events that are asked for.</summary>
    public SimEvent[] Choose(SimEvent[] events) => Only is null ? events : [.. Only.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(chosen =>
    {
        var parts = chosen.Split('+');
        return events[int.Parse(parts[0], CultureInfo.InvariantCulture)] with { ThenMs = parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0 };
    })];
}
