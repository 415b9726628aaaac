namespace OrleansLog.Core.Configuration;

/// <summary>One value that a key has somewhere on its way from the default to the topic.</summary>
/// <param name="Name">The key at that place.</param>
/// <param name="Value">Its value; <c>null</c> when secret.</param>
/// <param name="Source">The place.</param>
public readonly record struct ConfigSynonym(string Name, string? Value, ConfigSource Source);

/// <summary>A key, the value in force, and where that comes from: what <c>describe</c> shows.</summary>
/// <param name="Definition">The key.</param>
/// <param name="Value">The value in force, in its text form; <c>null</c> when there is none or it is secret.</param>
/// <param name="Source">Where the value comes from.</param>
/// <param name="Synonyms">All places that have a value, the one in force first.</param>
public sealed record ConfigEntry(ConfigDefinition Definition, string? Value, ConfigSource Source, IReadOnlyList<ConfigSynonym> Synonyms)
{
    /// <summary>The key's name.</summary>
    public string Name => Definition.Name;

    /// <summary>Whether nobody set it.</summary>
    public bool IsDefault => Source == ConfigSource.DefaultConfig;
}

/// <summary>A setting as it was given, before it is checked.</summary>
/// <param name="Name">The key.</param>
/// <param name="Value">The text.</param>
/// <param name="Origin">Where it was written, such as <c>server.properties line 12</c>; shown in errors.</param>
public readonly record struct ConfigSetting(string Name, string Value, string? Origin = null);
