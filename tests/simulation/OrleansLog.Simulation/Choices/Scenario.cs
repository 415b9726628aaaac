using OrleansLog.Core.Configuration;

namespace OrleansLog.Simulation;

/// <summary>A topic of the world.</summary>
/// <param name="Name">Topic name.</param>
/// <param name="Partitions">Number of partitions.</param>
/// <param name="Factor">Copies of each.</param>
internal sealed record SimTopic(string Name, int Partitions, int Factor);

/// <summary>What stays the same through a run: the cluster, its configuration, and how bad its network is.</summary>
internal sealed class Scenario
{
    public required ulong Seed { get; init; }

    public required int Brokers { get; init; }

    public required int Directories { get; init; }

    public required SimTopic[] Topics { get; init; }

    public required int MinIsr { get; init; }

    /// <summary><c>auto</c>, <c>os</c> or <c>ack</c>.</summary>
    public required string FlushPolicy { get; init; }

    public required bool UncleanAllowed { get; init; }

    public required int SessionMs { get; init; }

    public required int LagMs { get; init; }

    public required int NetworkDelayMs { get; init; }

    public required int LossPerMille { get; init; }

    public required int FaultsPerMille { get; init; }

    public required int FetchRecords { get; init; }

    /// <summary>Whether a killed process is told to the controller by those who saw its connections go.</summary>
    public required bool ResetsAreTold { get; init; }

    public static Scenario Of(ulong seed, int? brokers = null)
    {
        var dice = new Dice(seed);
        var count = brokers ?? dice.Below(4) switch { 0 => 4, 1 => 5, _ => 3 };
        return new()
        {
            Seed = seed,
            Brokers = count,
            Directories = dice.OneIn(3) ? 2 : 1,
            Topics = Shape(dice, count),
            MinIsr = dice.Between(1, 2),
            FlushPolicy = dice.Below(4) switch { 0 => "ack", 1 => "auto", _ => "os" },
            UncleanAllowed = dice.OneIn(8),
            SessionMs = 3_000,
            LagMs = dice.OneIn(2) ? 600 : 1_500,
            NetworkDelayMs = dice.Of([2, 5, 12, 30]),
            LossPerMille = dice.Of([0, 0, 3, 15, 50]),
            FaultsPerMille = dice.Of([20, 50, 100, 180]),
            FetchRecords = dice.Of([1, 2, 4, 10]),
            ResetsAreTold = dice.OneIn(2),
        };
    }

    private static SimTopic[] Shape(Dice dice, int brokers) => dice.Below(5) switch
    {
        0 => [new("a", 2, 3), new("b", 1, 1)],
        1 => [new("a", 1, 3), new("b", 1, 2)],
        2 => [new("a", 1, 2), new("b", 1, 1)],
        3 => [new("a", 3, Math.Min(3, brokers))],
        _ => [new("a", 1, 3)],
    };

    private BrokerConfig? _config;

    /// <summary>The same configuration for every broker, parsed once.</summary>
    public BrokerConfig Config => _config ??= Configs.GetOrAdd(
        (MinIsr, FlushPolicy, UncleanAllowed, SessionMs), static key => BrokerConfig.Parse(new Dictionary<string, string>
        {
            ["broker.session.timeout.ms"] = $"{key.SessionMs}",
            ["min.insync.replicas"] = $"{key.MinIsr}",
            ["orleanslog.flush.policy"] = key.FlushPolicy,
            ["unclean.leader.election.enable"] = key.UncleanAllowed ? "true" : "false",
            ["leader.imbalance.check.interval.seconds"] = "5",
        }).Value);

    /// <summary>Whether a topic of that many replicas acknowledges only what is synced (D4).</summary>
    public bool CountsOnlyDurable(int factor) => FlushPolicy == "ack" || (FlushPolicy == "auto" && factor == 1);

    private static readonly System.Collections.Concurrent.ConcurrentDictionary<(int MinIsr, string FlushPolicy, bool UncleanAllowed, int SessionMs), BrokerConfig> Configs = new();

    public override string ToString() =>
        $"{Brokers} brokers of {Directories} directories, {string.Join(' ', Topics.Select(topic => $"{topic.Name}:{topic.Partitions}x{topic.Factor}"))}, min ISR {MinIsr}, "
        + $"flush {FlushPolicy}, unclean {UncleanAllowed}, delay {NetworkDelayMs} ms, loss {LossPerMille}/1000, faults {FaultsPerMille}/1000";
}
