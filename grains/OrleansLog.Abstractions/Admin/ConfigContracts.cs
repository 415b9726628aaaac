using OrleansLog.Protocol;

namespace OrleansLog;

/// <summary>What a configuration belongs to, as Kafka numbers it.</summary>
public enum ConfigResourceType : sbyte
{
    /// <summary>A topic.</summary>
    Topic = 2,

    /// <summary>A broker; the empty name stands for the default of all brokers.</summary>
    Broker = 4,
}

/// <summary>Owner of configuration values.</summary>
/// <param name="Type">Topic or broker.</param>
/// <param name="Name">Topic name, or broker id as text.</param>
[GenerateSerializer, Immutable, Alias("olog.ConfigResource")]
public readonly record struct ConfigResource([property: Id(0)] ConfigResourceType Type, [property: Id(1)] string Name);

/// <summary>Where a value comes from, as Kafka numbers it.</summary>
public enum ConfigSource : sbyte
{
    /// <summary>Unknown.</summary>
    Unknown = 0,

    /// <summary>Set on the topic.</summary>
    DynamicTopicConfig = 1,

    /// <summary>Set on this broker while it ran.</summary>
    DynamicBrokerConfig = 2,

    /// <summary>Set on all brokers while they ran.</summary>
    DynamicDefaultBrokerConfig = 3,

    /// <summary>From the broker's configuration at its start.</summary>
    StaticBrokerConfig = 4,

    /// <summary>Built in.</summary>
    DefaultConfig = 5,
}

/// <summary>The kind of a value, as Kafka numbers it.</summary>
public enum ConfigValueType : sbyte
{
    /// <summary>Not told.</summary>
    Unknown = 0,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Boolean = 1,

    /// <summary>Text.</summary>
    String = 2,

    /// <summary>A 32-bit integer.</summary>
    Int = 3,

    /// <summary>A 64-bit integer.</summary>
    Long = 5,

    /// <summary>A decimal number.</summary>
    Double = 6,

    /// <summary>Values separated by commas.</summary>
    List = 7,

    /// <summary>Text that is never shown.</summary>
    Password = 9,
}

/// <summary>One place on the way from the default to the value in force that has a value.</summary>
/// <param name="Name">Its key there: a topic's <c>retention.ms</c> may come from a broker's <c>log.retention.hours</c>.</param>
/// <param name="Value">The value there; null where it is sensitive.</param>
/// <param name="Source">The place.</param>
[GenerateSerializer, Immutable, Alias("olog.ConfigSynonymValue")]
public readonly record struct ConfigSynonymValue([property: Id(0)] string Name, [property: Id(1)] string? Value, [property: Id(2)] ConfigSource Source);

/// <summary>One configuration value in force, with its source.</summary>
[GenerateSerializer, Immutable, Alias("olog.ConfigValue")]
public sealed record ConfigValue
{
    /// <summary>Configuration key.</summary>
    [Id(0)] public required string Name { get; init; }

    /// <summary>The value in force; null where it is unset or sensitive.</summary>
    [Id(1)] public string? Value { get; init; }

    /// <summary>Where it comes from.</summary>
    [Id(2)] public ConfigSource Source { get; init; }

    /// <summary>True when it can only be set at the broker's start.</summary>
    [Id(3)] public bool IsReadOnly { get; init; }

    /// <summary>True when its value is not shown.</summary>
    [Id(4)] public bool IsSensitive { get; init; }

    /// <summary>One line about the key.</summary>
    [Id(5)] public string? Documentation { get; init; }

    /// <summary>Its kind.</summary>
    [Id(6)] public ConfigValueType Type { get; init; }

    /// <summary>All places that have a value, the one in force first.</summary>
    [Id(7)] public ConfigSynonymValue[] Synonyms { get; init; } = [];
}

/// <summary>The configuration of one resource.</summary>
[GenerateSerializer, Immutable, Alias("olog.ConfigDescription")]
public sealed record ConfigDescription
{
    /// <summary>Whose configuration.</summary>
    [Id(0)] public required ConfigResource Resource { get; init; }

    /// <summary><see cref="ErrorCode.None"/>, or why there is none.</summary>
    [Id(1)] public ErrorCode Error { get; init; }

    /// <summary>What was wrong.</summary>
    [Id(2)] public string? Message { get; init; }

    /// <summary>Values in force, by name.</summary>
    [Id(3)] public ConfigValue[] Values { get; init; } = [];
}

/// <summary>What an incremental alteration does with a value, as Kafka numbers it.</summary>
public enum ConfigOperation : sbyte
{
    /// <summary>Sets the value.</summary>
    Set = 0,

    /// <summary>Removes it, so that the default shows again.</summary>
    Delete = 1,

    /// <summary>Adds elements to a list.</summary>
    Append = 2,

    /// <summary>Takes elements out of a list.</summary>
    Subtract = 3,
}

/// <summary>One change of a configuration value.</summary>
/// <param name="Name">Configuration key.</param>
/// <param name="Operation">What to do.</param>
/// <param name="Value">The value, or null to delete.</param>
[GenerateSerializer, Immutable, Alias("olog.ConfigChange")]
public sealed record ConfigChange([property: Id(0)] string Name, [property: Id(1)] ConfigOperation Operation, [property: Id(2)] string? Value);

/// <summary>The changes of one resource; all or none of them take effect.</summary>
/// <param name="Resource">Whose configuration.</param>
/// <param name="Changes">The changes.</param>
/// <param name="ReplaceAll">True: what is not named goes back to its default (AlterConfigs); false: incremental.</param>
[GenerateSerializer, Immutable, Alias("olog.ConfigAlteration")]
public sealed record ConfigAlteration(
    [property: Id(0)] ConfigResource Resource,
    [property: Id(1)] ConfigChange[] Changes,
    [property: Id(2)] bool ReplaceAll = false);

/// <summary>What became of one <see cref="ConfigAlteration"/>.</summary>
/// <param name="Resource">Whose configuration.</param>
/// <param name="Error"><see cref="ErrorCode.None"/> when done.</param>
/// <param name="Message">What was wrong and what is allowed.</param>
[GenerateSerializer, Immutable, Alias("olog.ConfigAlterationResult")]
public sealed record ConfigAlterationResult(
    [property: Id(0)] ConfigResource Resource,
    [property: Id(1)] ErrorCode Error,
    [property: Id(2)] string? Message = null);

/// <summary>Results of a configuration change, and the metadata version that holds them.</summary>
/// <param name="Version">Metadata version after the change.</param>
/// <param name="Results">One for each alteration, in order.</param>
[GenerateSerializer, Immutable, Alias("olog.ConfigAlterationResults")]
public sealed record ConfigAlterationResults([property: Id(0)] long Version, [property: Id(1)] ConfigAlterationResult[] Results);
