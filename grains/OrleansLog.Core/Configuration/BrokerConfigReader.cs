namespace OrleansLog.Core.Configuration;

/// <summary>Takes settings in, weakest first, and gives checked values, errors and notices out.</summary>
internal sealed class BrokerConfigReader
{
    private readonly Dictionary<string, ConfigSetting> _settings = new(StringComparer.Ordinal);
    private readonly bool _isDynamic;

    public BrokerConfigReader()
    {
    }

    private BrokerConfigReader(bool isDynamic) => _isDynamic = isDynamic;

    public List<ConfigError> Errors { get; } = [];

    public List<ConfigNotice> Notices { get; } = [];

    public static BrokerConfigReader ForDynamic() => new(isDynamic: true);

    public void Add(ConfigSetting setting) => _settings[setting.Name.Trim()] = setting with { Name = setting.Name.Trim() };

    /// <summary>Where a key was set, for the messages of rules about several keys.</summary>
    public string? OriginOf(string name) => _settings.TryGetValue(name, out var setting) ? setting.Origin : null;

    public Dictionary<string, ParsedConfigValue> Read()
    {
        var values = new Dictionary<string, ParsedConfigValue>(StringComparer.Ordinal);
        foreach (var setting in _settings.Values)
        {
            if (BrokerConfigs.Find(setting.Name) is not { } definition)
            {
                Notices.Add(new(ConfigNoticeKind.UnknownKey, setting.Name, Prefix(setting) + Unknown(setting.Name)));
            }
            else if (_isDynamic && definition.UpdateMode == ConfigUpdateMode.ReadOnly)
            {
                Errors.Add(new(setting.Name, definition.IsSensitive ? null : setting.Value, "to be set at start only; it cannot change while the broker runs", setting.Origin));
            }
            else if (definition.TryRead(WithoutComment(definition, setting), setting.Origin, out var value, out var error))
            {
                values[setting.Name] = value;
                NoticeSupport(definition, setting);
            }
            else if (definition.Support == ConfigSupport.NotYet)
            {
                Notices.Add(new(ConfigNoticeKind.NotYetSupported, setting.Name, $"{error.Message} (not supported yet: {definition.SupportNote})"));
            }
            else
            {
                Errors.Add(error);
            }
        }

        return values;
    }

    private void NoticeSupport(ConfigDefinition definition, ConfigSetting setting)
    {
        if (definition.Support == ConfigSupport.NotYet)
        {
            Notices.Add(new(ConfigNoticeKind.NotYetSupported, setting.Name, $"{Prefix(setting)}{setting.Name} is not supported yet: {definition.SupportNote}"));
        }
        else if (definition.Support == ConfigSupport.AcceptedNoEffect)
        {
            Notices.Add(new(ConfigNoticeKind.NoEffect, setting.Name, $"{Prefix(setting)}{setting.Name} has no effect here: {definition.SupportNote}"));
        }
    }

    /// <summary>A .properties file has no comments behind a value, but people write them, and guides print them.</summary>
    private string WithoutComment(ConfigDefinition definition, ConfigSetting setting)
    {
        var value = setting.Value;
        var hash = value.IndexOf('#', StringComparison.Ordinal);
        while (hash > 0 && !char.IsWhiteSpace(value[hash - 1]))
        {
            hash = value.IndexOf('#', hash + 1);
        }

        if (hash <= 0 || definition.IsSensitive)
        {
            return value;
        }

        var kept = value[..hash].TrimEnd();
        Notices.Add(new(ConfigNoticeKind.Repaired, setting.Name,
            $"{Prefix(setting)}{setting.Name} is read as '{kept}'; the rest of the line is taken for a comment"));
        return kept;
    }

    private static string Unknown(string name)
    {
        var broker = TopicConfigs.Find(name) is { BrokerSynonyms: [var first, ..] } ? first.Name : null;
        return broker is not null ? $"{name} is a key of topics; a broker sets their default with {broker}"
            : UnknownKey.Suggest(name, BrokerConfigs.All.Keys) is { } near ? $"{name} is not a known key; did you mean {near}?"
            : $"{name} is not a known key";
    }

    private static string Prefix(ConfigSetting setting) => setting.Origin is null ? "" : setting.Origin + ": ";
}
