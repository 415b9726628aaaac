namespace OrleansLog.Testing.Internals;

/// <summary>What a test broker sets where its caller does not.</summary>
internal static class TestSettings
{
    public static IEnumerable<KeyValuePair<string, string>> Defaults { get; } =
    [
        new("auto.create.topics.enable", "true"),
        new("num.partitions", "1"),

        // A test's first member need not wait for more.
        new("group.initial.rebalance.delay.ms", "0"),
        new("group.min.session.timeout.ms", "100"),

        // 50 partitions of committed offsets would be opened for the first group.
        new("offsets.topic.num.partitions", "4"),

        // Tests write records of fixed times; retention would take those of the past away at its first look, half a minute after the start.
        new("log.retention.ms", "-1"),

        // The controller lives in the same process: when a busy machine starves the one, it starves the other.
        new("broker.session.timeout.ms", "60000"),

        // A test process does not outlive a power failure.
        new("orleanslog.flush.policy", "os"),
        new("log.segment.bytes", "64MiB"),
    ];
}
