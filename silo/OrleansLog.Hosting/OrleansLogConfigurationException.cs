using OrleansLog.Core.Configuration;

namespace OrleansLog.Hosting;

/// <summary>Settings that a broker cannot be started with.</summary>
public sealed class OrleansLogConfigurationException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="errors">What is wrong, at least one.</param>
    public OrleansLogConfigurationException(IReadOnlyList<ConfigError> errors)
        : base(string.Join("; ", errors.Select(e => e.Message))) => Errors = errors;

    /// <summary>What is wrong.</summary>
    public IReadOnlyList<ConfigError> Errors { get; }
}
