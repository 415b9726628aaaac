namespace OrleansLog.Core.Configuration;

/// <summary>What OrleansLog does with a key, when that is not simply what its line says.</summary>
internal readonly record struct ConfigNote(ConfigSupport Support, string? Text)
{
    public static ConfigNote NoEffect(string why) => new(ConfigSupport.AcceptedNoEffect, why);

    public static ConfigNote NotYet(string what) => new(ConfigSupport.NotYet, what);
}
