namespace OrleansLog.Core.Configuration;

/// <summary>A value that cannot be used: which key, what was given, what is allowed, and where it was written.</summary>
/// <param name="Name">The key.</param>
/// <param name="Value">The value as given; <c>null</c> when it is missing or secret.</param>
/// <param name="Allowed">What would be right, as the end of the sentence "expected ...".</param>
/// <param name="Origin">Where it was set, such as <c>server.properties line 12</c>; <c>null</c> when not known.</param>
public sealed record ConfigError(string Name, string? Value, string Allowed, string? Origin = null)
{
    /// <summary>One sentence that names the key, the value, what is allowed, and the place.</summary>
    public string Message =>
        (Origin is null ? "" : Origin + ": ") + Name
        + (Value is null ? ": expected " : $"={Value} is not valid: expected ") + Allowed;

    /// <inheritdoc/>
    public override string ToString() => Message;
}

/// <summary>Why a setting is worth a word although the broker starts.</summary>
public enum ConfigNoticeKind
{
    /// <summary>No such key.</summary>
    UnknownKey,

    /// <summary>The key's feature is not there yet.</summary>
    NotYetSupported,

    /// <summary>The key is accepted and changes nothing here.</summary>
    NoEffect,

    /// <summary>Another key took precedence.</summary>
    Overridden,

    /// <summary>The value was read differently from how a strict reader would.</summary>
    Repaired,

    /// <summary>The value is allowed and looks like a mistake.</summary>
    Suspicious,
}

/// <summary>Something about a setting that an operator should know; the broker starts all the same.</summary>
/// <param name="Kind">What kind of remark it is.</param>
/// <param name="Name">The key.</param>
/// <param name="Message">One sentence that names the key.</param>
public sealed record ConfigNotice(ConfigNoticeKind Kind, string Name, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => Message;
}

/// <summary>What came of reading a configuration: a value when there are no errors, and the notices either way.</summary>
/// <typeparam name="T">What was read.</typeparam>
public sealed class ConfigResult<T>
    where T : class
{
    private readonly T? _value;

    /// <summary>Creates a result.</summary>
    public ConfigResult(T? value, IReadOnlyList<ConfigError> errors, IReadOnlyList<ConfigNotice> notices)
    {
        _value = value;
        Errors = errors;
        Notices = notices;
    }

    /// <summary>True when there is a value.</summary>
    public bool IsValid => Errors.Count == 0 && _value is not null;

    /// <summary>The value; only when <see cref="IsValid"/>.</summary>
    public T Value => IsValid ? _value! : throw new InvalidOperationException("The configuration has errors: " + string.Join("; ", Errors));

    /// <summary>The value without the settings that are wrong: for what other builds have stored, which cannot be refused any more.</summary>
    /// <exception cref="InvalidOperationException">Nothing could be read.</exception>
    public T Usable => _value ?? throw new InvalidOperationException("The configuration has errors: " + string.Join("; ", Errors));

    /// <summary>What is wrong, in the order in which it was given.</summary>
    public IReadOnlyList<ConfigError> Errors { get; }

    /// <summary>What an operator should know.</summary>
    public IReadOnlyList<ConfigNotice> Notices { get; }
}
