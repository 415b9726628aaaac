namespace OrleansLog.Core.Configuration;

/// <summary>A broker key that gives a topic key its default, and what one of its units is in the topic key's.</summary>
/// <param name="Name">The broker key, such as <c>log.retention.hours</c>.</param>
/// <param name="Multiplier">What to multiply by: 3,600,000 for hours to milliseconds.</param>
public readonly record struct BrokerSynonym(string Name, long Multiplier = 1);

/// <summary>Everything there is to know about a configuration key.</summary>
/// <param name="Name">The key, in Kafka's spelling; ours begin with <c>orleanslog.</c>.</param>
/// <param name="Type">The kind of value.</param>
/// <param name="Default">The value when nobody sets one, in its text form; <c>null</c> when there is none.</param>
/// <param name="Scope">Where it may be set.</param>
/// <param name="Doc">One line on what it does.</param>
public sealed partial record ConfigDefinition(string Name, ConfigType Type, string? Default, ConfigScope Scope, string Doc)
{
    /// <summary>What a number counts.</summary>
    public ConfigUnit Unit { get; init; }

    /// <summary>The smallest number allowed.</summary>
    public double? Minimum { get; init; }

    /// <summary>The largest number allowed.</summary>
    public double? Maximum { get; init; }

    /// <summary>The values of an <see cref="ConfigType.Enum"/>, or those that a <see cref="ConfigType.List"/> may hold; empty: any.</summary>
    public IReadOnlyList<string> AllowedValues { get; init; } = [];

    /// <summary>Whether a list may be empty.</summary>
    public bool AllowsEmptyList { get; init; } = true;

    /// <summary>How it can change while the broker runs.</summary>
    public ConfigUpdateMode UpdateMode { get; init; }

    /// <summary>Whether it can change without a restart.</summary>
    public bool IsDynamic => UpdateMode != ConfigUpdateMode.ReadOnly || (Scope & ConfigScope.Topic) != 0;

    /// <summary>What OrleansLog does with it today.</summary>
    public ConfigSupport Support { get; init; }

    /// <summary>Why it has no effect, or what has to come first; empty when <see cref="ConfigSupport.Supported"/>.</summary>
    public string SupportNote { get; init; } = "";

    /// <summary>For a topic key: the broker keys that give its default, the strongest first.</summary>
    public IReadOnlyList<BrokerSynonym> BrokerSynonyms { get; init; } = [];

    /// <summary>The heading that it stands under in the reference.</summary>
    public string Group { get; init; } = "";

    /// <summary>Whether its value is never shown.</summary>
    public bool IsSensitive => Type == ConfigType.Password;

    /// <summary>Checks a value; <c>null</c> when it is good.</summary>
    /// <param name="value">The text as given; white space around it does not count.</param>
    /// <param name="origin">Where it was set, for the message.</param>
    public ConfigError? Check(string? value, string? origin = null) => TryRead(value, origin, out _, out var error) ? null : error;
}
