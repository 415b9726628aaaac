using Microsoft.Extensions.Logging;

namespace OrleansLog.Testing;

/// <summary>How a <see cref="TestBroker"/> is started. The defaults suit most tests.</summary>
public sealed class TestBrokerOptions
{
    /// <summary>
    /// Settings by Kafka's names, such as <c>num.partitions</c>; they win over what a test broker sets itself (README.md has the list).
    /// </summary>
    public IDictionary<string, string> Settings { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Where the broker's log lines go; null keeps it quiet. The factory stays the caller's.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>
    /// The folder in which the broker makes a folder for its data, which is deleted with the broker; null takes the system's folder for
    /// temporary files. A RAM disk, such as <c>/dev/shm</c>, makes tests independent of a slow disk.
    /// </summary>
    public string? TempPath { get; set; }

    /// <summary>Longest time for the start, in milliseconds: default 180,000, which says only that it hangs: a start takes a tenth of a second.</summary>
    public int StartTimeoutMs { get; set; } = 180_000;

    /// <summary>
    /// How long the others of a cluster bear a broker that is paused before they take its silo for dead, in milliseconds: about what a process would be
    /// borne in production.
    /// </summary>
    internal int PausedSiloDeadAfterMs { get; set; } = 10_000;

    /// <summary>
    /// The least number of threads that the process's pool shall have at hand before a broker starts, 0 to 1,000: default 64; 0 leaves the
    /// pool as it is. A larger minimum (<see cref="ThreadPool.SetMinThreads"/>) stays, and stays after the broker.
    /// </summary>
    /// <remarks>
    /// The broker runs on the pool, beside the code under test. Without a minimum the pool begins with a thread for each processor, and adds
    /// one every half second or slower: a few calls that block, such as <c>Consume</c> of Confluent.Kafka in a <c>Task.Run</c>, make all
    /// clients wait. Threads that are not needed are not made.
    /// </remarks>
    public int MinPoolThreads { get; set; } = 64;

    /// <summary>Sets a key; a later value replaces an earlier one.</summary>
    /// <param name="name">The key, such as <c>message.max.bytes</c>.</param>
    /// <param name="value">The value as text, such as <c>64MiB</c>.</param>
    public TestBrokerOptions Set(string name, string value)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(value);
        Settings[name] = value;
        return this;
    }
}
