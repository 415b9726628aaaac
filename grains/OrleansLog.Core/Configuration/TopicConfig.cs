namespace OrleansLog.Core.Configuration;

/// <summary>
/// The configuration of one topic as it is in force on a broker: its own settings over the broker's over the defaults.
/// Immutable; resolve again when either changes.
/// </summary>
public sealed partial class TopicConfig
{
    private readonly Dictionary<string, (ParsedConfigValue Value, ConfigSource Source)> _values;
    private readonly BrokerConfig _broker;

    private TopicConfig(BrokerConfig broker, Dictionary<string, (ParsedConfigValue Value, ConfigSource Source)> values, IReadOnlyList<ConfigError> problems)
    {
        _broker = broker;
        _values = values;
        Problems = problems;
        SetValues();
    }

    /// <summary>Settings of the topic that could not be used; the broker's value is in force instead.</summary>
    public IReadOnlyList<ConfigError> Problems { get; }

    /// <summary>Resolves the settings of a topic. What cannot be used is left out and told in <see cref="Problems"/>.</summary>
    /// <param name="broker">The broker beneath.</param>
    /// <param name="overrides">What is set on the topic.</param>
    public static TopicConfig Resolve(BrokerConfig broker, IReadOnlyDictionary<string, string> overrides)
    {
        List<ConfigError>? problems = null;
        var values = new Dictionary<string, (ParsedConfigValue, ConfigSource)>(TopicConfigs.All.Count, StringComparer.Ordinal);
        foreach (var definition in TopicConfigs.All.Values)
        {
            if (overrides.TryGetValue(definition.Name, out var text))
            {
                if (definition.TryRead(text, null, out var own, out var error))
                {
                    values[definition.Name] = (own, ConfigSource.DynamicTopicConfig);
                    continue;
                }

                (problems ??= []).Add(error);
            }

            values[definition.Name] = Inherited(broker, definition);
        }

        foreach (var name in overrides.Keys)
        {
            if (TopicConfigs.Find(name) is null)
            {
                (problems ??= []).Add(TopicConfigs.Validate(name, overrides[name])!);
            }
        }

        return new TopicConfig(broker, values, problems ?? (IReadOnlyList<ConfigError>)[]);
    }

    /// <summary>Checks the settings of a topic one by one and against each other; empty when they are good.</summary>
    /// <param name="broker">The broker beneath.</param>
    /// <param name="overrides">What is to be set on the topic.</param>
    public static IReadOnlyList<ConfigError> Validate(BrokerConfig broker, IReadOnlyDictionary<string, string> overrides)
    {
        var config = Resolve(broker, overrides);
        return config.Problems.Count > 0 ? config.Problems : [.. TopicConfigRules.Check(config, overrides)];
    }

    /// <summary>All topic keys with the value in force and its source, by name.</summary>
    public IEnumerable<ConfigEntry> Entries => TopicConfigs.All.Values.Select(Entry).OrderBy(e => e.Name, StringComparer.Ordinal);

    /// <summary>One key with the value in force and its source; <c>null</c> for an unknown key.</summary>
    public ConfigEntry? Entry(string name) => TopicConfigs.Find(name) is { } definition ? Entry(definition) : null;

    private static (ParsedConfigValue Value, ConfigSource Source) Inherited(BrokerConfig broker, ConfigDefinition definition)
    {
        foreach (var synonym in definition.BrokerSynonyms)
        {
            if (broker.Explicit(synonym.Name) is { } set)
            {
                return (Scaled(definition, synonym, set.Value), set.Source);
            }
        }

        return definition.TryRead(definition.Default, null, out var value, out var error)
            ? (value, ConfigSource.DefaultConfig)
            : throw new InvalidOperationException(error.Message);
    }

    /// <summary>Hours to milliseconds; -1 means "no limit" in every unit.</summary>
    private static ParsedConfigValue Scaled(ConfigDefinition definition, BrokerSynonym synonym, ParsedConfigValue value) =>
        synonym.Multiplier == 1 || value.Number < 0
        || !definition.TryRead((value.Number * synonym.Multiplier).ToString(System.Globalization.CultureInfo.InvariantCulture), null, out var scaled, out _)
            ? value
            : scaled;

    private ConfigEntry Entry(ConfigDefinition definition)
    {
        var (value, source) = _values[definition.Name];
        var synonyms = new List<ConfigSynonym>(4);
        if (source == ConfigSource.DynamicTopicConfig)
        {
            synonyms.Add(new ConfigSynonym(definition.Name, value.Text, source));
        }

        foreach (var synonym in definition.BrokerSynonyms)
        {
            foreach (var upper in _broker.Entry(synonym.Name)!.Synonyms)
            {
                synonyms.Add(upper);
            }
        }

        return new ConfigEntry(definition, value.Text, source, synonyms);
    }
}
