using System.Globalization;
using Microsoft.Extensions.Configuration;
using OrleansLog.Core.Configuration;

namespace OrleansLog.Hosting.Settings;

/// <summary>Turns a section of .NET configuration into keys: nesting joins with dots, arrays are lists.</summary>
internal static class ConfigurationSettings
{
    public static IEnumerable<ConfigSetting> Read(IConfiguration section) =>
        section.GetChildren().SelectMany(child => Read(child, child.Key));

    private static IEnumerable<ConfigSetting> Read(IConfigurationSection section, string name)
    {
        var children = section.GetChildren().ToArray();
        if (children.Length > 0 && children.All(c => c.Value is not null && int.TryParse(c.Key, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            yield return new(KeyName.Of(name), string.Join(',', children.Select(c => c.Value)), section.Path);
            yield break;
        }

        if (section.Value is { } value)
        {
            yield return new(KeyName.Of(name), value, section.Path);
        }

        foreach (var setting in children.SelectMany(child => Read(child, name + "." + child.Key)))
        {
            yield return setting;
        }
    }
}
