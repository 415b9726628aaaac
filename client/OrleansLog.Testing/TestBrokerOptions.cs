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

    /// <summary>Longest time for the start, in milliseconds: default 60,000.</summary>
    public int StartTimeoutMs { get; set; } = 60_000;

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
