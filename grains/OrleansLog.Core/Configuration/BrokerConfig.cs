namespace OrleansLog.Core.Configuration;

/// <summary>
/// The configuration of one broker: what it was started with, what was changed while it runs, and the defaults beneath.
/// Immutable; a dynamic change makes a new one (<see cref="WithDynamic"/>).
/// </summary>
public sealed partial class BrokerConfig
{
    private readonly IReadOnlyDictionary<string, ParsedConfigValue> _static;
    private readonly IReadOnlyDictionary<string, ParsedConfigValue> _dynamicDefault;
    private readonly IReadOnlyDictionary<string, ParsedConfigValue> _dynamic;

    private BrokerConfig(
        IReadOnlyDictionary<string, ParsedConfigValue> fixedValues,
        IReadOnlyDictionary<string, ParsedConfigValue> dynamicDefault,
        IReadOnlyDictionary<string, ParsedConfigValue> dynamic)
    {
        _static = fixedValues;
        _dynamicDefault = dynamicDefault;
        _dynamic = dynamic;
    }

    /// <summary>A broker with nothing set.</summary>
    public static BrokerConfig Default { get; } = new(new Dictionary<string, ParsedConfigValue>(), None, None);

    private static IReadOnlyDictionary<string, ParsedConfigValue> None => System.Collections.ObjectModel.ReadOnlyDictionary<string, ParsedConfigValue>.Empty;

    /// <summary>Reads the settings that a broker is started with.</summary>
    /// <param name="settings">Key and text.</param>
    public static ConfigResult<BrokerConfig> Parse(IReadOnlyDictionary<string, string> settings) =>
        Parse(settings.Select(s => new ConfigSetting(s.Key, s.Value)));

    /// <summary>Reads the settings that a broker is started with.</summary>
    /// <param name="settings">The settings, weakest first: a later one replaces an earlier one of the same name.</param>
    public static ConfigResult<BrokerConfig> Parse(IEnumerable<ConfigSetting> settings)
    {
        var reader = new BrokerConfigReader();
        foreach (var setting in settings)
        {
            reader.Add(setting);
        }

        var config = new BrokerConfig(reader.Read(), None, None);
        BrokerConfigRules.Check(config, reader);
        return new ConfigResult<BrokerConfig>(config, reader.Errors, reader.Notices);
    }

    /// <summary>The same broker with other dynamic values.</summary>
    /// <param name="forAll">What is set for all brokers.</param>
    /// <param name="forThis">What is set for this one; goes before <paramref name="forAll"/>.</param>
    public ConfigResult<BrokerConfig> WithDynamic(IReadOnlyDictionary<string, string> forAll, IReadOnlyDictionary<string, string> forThis)
    {
        var all = BrokerConfigReader.ForDynamic();
        var own = BrokerConfigReader.ForDynamic();
        foreach (var (name, value) in forAll)
        {
            all.Add(new ConfigSetting(name, value));
        }

        foreach (var (name, value) in forThis)
        {
            own.Add(new ConfigSetting(name, value));
        }

        var config = new BrokerConfig(_static, all.Read(), own.Read());
        BrokerConfigRules.Check(config, own);
        return new ConfigResult<BrokerConfig>(config, [.. all.Errors, .. own.Errors], [.. all.Notices, .. own.Notices]);
    }

    /// <summary>All broker keys that are known, with the value in force and its source, by name.</summary>
    public IEnumerable<ConfigEntry> Entries =>
        BrokerConfigs.All.Values.Select(Entry).OrderBy(e => e.Name, StringComparer.Ordinal);

    /// <summary>One key with the value in force and its source; <c>null</c> for an unknown key.</summary>
    public ConfigEntry? Entry(string name) => BrokerConfigs.Find(name) is { } definition ? Entry(definition) : null;

    /// <summary>The value that somebody set for a key, and where; <c>null</c> when the default is in force.</summary>
    internal (ParsedConfigValue Value, ConfigSource Source)? Explicit(string name) =>
        _dynamic.TryGetValue(name, out var value) ? (value, ConfigSource.DynamicBrokerConfig)
        : _dynamicDefault.TryGetValue(name, out value) ? (value, ConfigSource.DynamicDefaultBrokerConfig)
        : _static.TryGetValue(name, out value) ? (value, ConfigSource.StaticBrokerConfig)
        : null;

    private ConfigEntry Entry(ConfigDefinition definition)
    {
        var synonyms = new List<ConfigSynonym>(4);
        AddSynonym(synonyms, definition, _dynamic, ConfigSource.DynamicBrokerConfig);
        AddSynonym(synonyms, definition, _dynamicDefault, ConfigSource.DynamicDefaultBrokerConfig);
        AddSynonym(synonyms, definition, _static, ConfigSource.StaticBrokerConfig);
        if (definition.Default is not null)
        {
            synonyms.Add(new ConfigSynonym(definition.Name, definition.Default, ConfigSource.DefaultConfig));
        }

        return synonyms.Count > 0
            ? new ConfigEntry(definition, synonyms[0].Value, synonyms[0].Source, synonyms)
            : new ConfigEntry(definition, null, ConfigSource.DefaultConfig, synonyms);
    }

    private static void AddSynonym(
        List<ConfigSynonym> synonyms, ConfigDefinition definition, IReadOnlyDictionary<string, ParsedConfigValue> values, ConfigSource source)
    {
        if (values.TryGetValue(definition.Name, out var value))
        {
            synonyms.Add(new ConfigSynonym(definition.Name, definition.IsSensitive ? null : value.Text, source));
        }
    }

    private ParsedConfigValue? Value(string name)
    {
        if (Explicit(name) is { } set)
        {
            return set.Value;
        }

        var definition = BrokerConfigs.Find(name) ?? throw new ArgumentException("No such broker configuration: " + name, nameof(name));
        return definition.Default is { } text && definition.TryRead(text, null, out var value, out _) ? value : null;
    }

    private int Int(string name) => (int)Value(name)!.Value.Number;

    private long Long(string name) => Value(name)!.Value.Number;

    private bool Bool(string name) => Value(name)!.Value.Number != 0;

    private string? Text(string name) => Value(name)?.Text is { Length: > 0 } text ? text : null;
}
