using System.Globalization;

namespace OrleansLog.Core.Configuration;

/// <summary>Writes a table of keys, one key a line.</summary>
internal sealed class ConfigTableBuilder(ConfigScope scope)
{
    private readonly List<ConfigDefinition> _definitions = [];
    private string _group = "";

    public IReadOnlyList<ConfigDefinition> Definitions => _definitions;

    /// <summary>Starts a group; it may go on later under the same name.</summary>
    public ConfigTableBuilder Group(string name)
    {
        _group = name;
        return this;
    }

    public ConfigTableBuilder Bool(string name, bool value, string doc, ConfigUpdateMode update = default, ConfigNote note = default) =>
        Add(new(name, ConfigType.Boolean, value ? "true" : "false", scope, doc), update, note);

    public ConfigTableBuilder Int(
        string name, int? value, string doc, double? min = null, double? max = null, ConfigUnit unit = default,
        ConfigUpdateMode update = default, ConfigNote note = default) =>
        Add(
            new(name, ConfigType.Int, value?.ToString(CultureInfo.InvariantCulture), scope, doc) { Minimum = min, Maximum = max, Unit = unit },
            update, note);

    public ConfigTableBuilder Long(
        string name, long? value, string doc, double? min = null, double? max = null, ConfigUnit unit = default,
        ConfigUpdateMode update = default, ConfigNote note = default) =>
        Add(
            new(name, ConfigType.Long, value?.ToString(CultureInfo.InvariantCulture), scope, doc) { Minimum = min, Maximum = max, Unit = unit },
            update, note);

    public ConfigTableBuilder Double(
        string name, double value, string doc, double min, double max, ConfigUpdateMode update = default, ConfigNote note = default) =>
        Add(
            new(name, ConfigType.Double, value.ToString("R", CultureInfo.InvariantCulture), scope, doc) { Minimum = min, Maximum = max },
            update, note);

    public ConfigTableBuilder Text(string name, string? value, string doc, ConfigUpdateMode update = default, ConfigNote note = default) =>
        Add(new(name, ConfigType.String, value, scope, doc), update, note);

    public ConfigTableBuilder Secret(string name, string doc, ConfigUpdateMode update = default, ConfigNote note = default) =>
        Add(new(name, ConfigType.Password, null, scope, doc), update, note);

    public ConfigTableBuilder Enum(
        string name, string value, string[] allowed, string doc, ConfigUpdateMode update = default, ConfigNote note = default) =>
        Add(new(name, ConfigType.Enum, value, scope, doc) { AllowedValues = allowed }, update, note);

    public ConfigTableBuilder List(
        string name, string? value, string doc, string[]? allowed = null, bool allowsEmpty = true,
        ConfigUpdateMode update = default, ConfigNote note = default) =>
        Add(
            new(name, ConfigType.List, value, scope, doc) { AllowedValues = allowed ?? [], AllowsEmptyList = allowsEmpty },
            update, note);

    /// <summary>Gives the topic key just added its broker key, in the same unit.</summary>
    public ConfigTableBuilder From(string name) => From(new BrokerSynonym(name));

    /// <summary>Gives the topic key just added its broker keys, the strongest first.</summary>
    public ConfigTableBuilder From(params BrokerSynonym[] synonyms)
    {
        _definitions[^1] = _definitions[^1] with { BrokerSynonyms = synonyms };
        return this;
    }

    private ConfigTableBuilder Add(ConfigDefinition definition, ConfigUpdateMode update, ConfigNote note)
    {
        _definitions.Add(definition with { UpdateMode = update, Group = _group, Support = note.Support, SupportNote = note.Text ?? "" });
        return this;
    }
}
