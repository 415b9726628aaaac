using Microsoft.Extensions.Configuration;
using OrleansLog.Core.Configuration;
using OrleansLog.Hosting.Settings;

namespace OrleansLog.Hosting;

/// <summary>How a silo becomes a broker. Every setting has Kafka's name (docs/reference/configuration.md).</summary>
/// <example>
/// <code>
/// silo.AddOrleansLog(log =>
/// {
///     log.NodeId = 1;
///     log.DataDirectories.Add("/var/lib/orleanslog");
///     log.Set("log.retention.hours", "24");
/// });
/// </code>
/// </example>
public sealed class OrleansLogOptions
{
    private readonly List<ConfigSetting> _settings = [];
    private readonly List<ConfigError> _errors = [];

    /// <summary><c>node.id</c>: the broker's number, the same after every restart; <c>null</c> leaves it to the settings (default 1).</summary>
    public int? NodeId { get; set; }

    /// <summary><c>log.dirs</c>: where the data goes, best one directory per disk; empty leaves it to the settings (default <c>./data</c>).</summary>
    public IList<string> DataDirectories { get; } = new List<string>();

    /// <summary>
    /// Whether the metadata is kept in a SQLite file in the first data directory (or <c>metadata.log.dir</c>). Switch it off to register
    /// a grain storage named <see cref="MetadataStorageName"/> of your own.
    /// </summary>
    public bool UseSqliteMetadata { get; set; } = true;

    /// <summary>Name of the grain storage that keeps the metadata.</summary>
    public const string MetadataStorageName = "orleanslog-metadata";

    /// <summary>Sets a key; a later value replaces an earlier one.</summary>
    /// <param name="name">The key, such as <c>log.segment.bytes</c>.</param>
    /// <param name="value">The value as text, such as <c>64MiB</c>.</param>
    /// <param name="origin">Where it is from, for error messages.</param>
    public OrleansLogOptions Set(string name, string value, string? origin = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(value);
        _settings.Add(new ConfigSetting(name, value, origin));
        return this;
    }

    /// <summary>Adds the settings of a file in the format of Kafka's <c>server.properties</c>.</summary>
    /// <param name="path">The file. When it cannot be read, the start of the silo says so.</param>
    public OrleansLogOptions AddPropertiesFile(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        try
        {
            var file = ServerProperties.Parse(File.ReadAllText(path), Path.GetFileName(path));
            _settings.AddRange(file.Settings);
            _errors.AddRange(file.Errors);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _errors.Add(new ConfigError("properties file", path, $"a file that can be read ({error.Message})"));
        }

        return this;
    }

    /// <summary>
    /// Adds the settings of a configuration section. <c>"log.dirs"</c>, <c>log: { dirs: ... }</c> and <c>LOG_DIRS</c> are the same key; an
    /// array is a list.
    /// </summary>
    /// <param name="section">The section.</param>
    public OrleansLogOptions AddConfiguration(IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(section);
        _settings.AddRange(ConfigurationSettings.Read(section));
        return this;
    }

    /// <summary>Adds what Kafka's containers take from the environment: <c>KAFKA_LOG_DIRS</c> is <c>log.dirs</c>.</summary>
    /// <param name="variables">The environment's variables.</param>
    public OrleansLogOptions AddEnvironment(IEnumerable<KeyValuePair<string, string>> variables)
    {
        ArgumentNullException.ThrowIfNull(variables);
        _settings.AddRange(EnvironmentSettings.Read(variables));
        return this;
    }

    /// <summary>Checks everything that was set.</summary>
    /// <returns>The configuration, and what an operator should know about it.</returns>
    /// <exception cref="OrleansLogConfigurationException">A value cannot be used.</exception>
    public ConfigResult<BrokerConfig> Check()
    {
        var settings = new List<ConfigSetting>(_settings);
        if (NodeId is { } nodeId)
        {
            settings.Add(new("node.id", nodeId.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        }

        if (DataDirectories.Count > 0)
        {
            settings.Add(new("log.dirs", string.Join(',', DataDirectories)));
        }

        var config = BrokerConfig.Parse(settings);
        List<ConfigError> errors = [.. _errors, .. config.Errors];
        if (DataDirectories.FirstOrDefault(d => d.Contains(',', StringComparison.Ordinal)) is { } comma)
        {
            errors.Add(new("log.dirs", comma, "directories without a comma in their name"));
        }

        if (errors.Count == 0 && !config.Value.IsBroker && config.Value.MetadataConnection is null && UseSqliteMetadata)
        {
            errors.Add(new("process.roles", "controller", "a connection in orleanslog.metadata.connection too: a silo that is only a controller has to share the database of its brokers"));
        }

        if (errors.Count == 0)
        {
            errors.AddRange(SameDirectoryTwice(config.Value));
        }

        return errors.Count == 0 ? config : throw new OrleansLogConfigurationException(errors);
    }

    private static IEnumerable<ConfigError> SameDirectoryTwice(BrokerConfig config) =>
        config.LogDirs.GroupBy(d => Path.TrimEndingDirectorySeparator(Path.GetFullPath(d)), StringComparer.Ordinal)
            .Where(g => g.Count() > 1)
            .Select(g => new ConfigError("log.dirs", string.Join(',', g), "each directory once"));
}
