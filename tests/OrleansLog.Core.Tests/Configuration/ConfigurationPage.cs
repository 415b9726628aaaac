using System.Text;
using OrleansLog.Core.Configuration;

namespace OrleansLog.Core.Tests.Configuration;

/// <summary>Writes docs/reference/configuration.md from the tables.</summary>
internal static class ConfigurationPage
{
    private const string Opening = """
        # Configuration

        <!-- Written from the tables in grains/OrleansLog.Core/Configuration by a test; do not edit by hand. -->

        OrleansLog uses Kafka's names and values; what it adds begins with `orleanslog.`. How to give a broker its settings, and
        which place goes before which, is in [one broker](../operate/one-broker.md).

        - A topic's setting goes before its broker's, a broker's before the default. `olog config describe` shows the value in force
          and where it comes from.
        - Numbers of bytes may be written with `k`, `m`, `g` or `KiB`, `MiB`, `GiB`: `64MiB`.
        - *Dynamic* keys can change while the broker runs.
        - An unknown key, a key that has no effect here and a key whose feature is not there yet are named when the broker
          starts, and do not stop it. A wrong value of any other key does, with the key, its place, and what is allowed.

        """;

    public static string Render()
    {
        var page = new StringBuilder(Opening.ReplaceLineEndings("\n"));
        page.Append("\n## Topics\n");
        foreach (var group in TopicConfigs.All.Values.GroupBy(d => d.Group).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            AppendGroup(page, group.Key, group, d => string.Join("<br>", d.BrokerSynonyms.Select(s => $"`{s.Name}`")), "broker keys");
        }

        page.Append("\n## Brokers\n");
        foreach (var group in BrokerConfigs.All.Values.GroupBy(d => d.Group).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            AppendGroup(page, group.Key, group, d => d.UpdateMode == ConfigUpdateMode.ReadOnly ? "" : "yes", "dynamic");
        }

        return page.ToString();
    }

    private static void AppendGroup(
        StringBuilder page, string name, IEnumerable<ConfigDefinition> keys, Func<ConfigDefinition, string> extra, string extraTitle)
    {
        page.Append($"\n### {name}\n\n| key | default | allowed | what it does | {extraTitle} |\n|---|---|---|---|---|\n");
        foreach (var key in keys.OrderBy(k => k.Name, StringComparer.Ordinal))
        {
            page.Append($"| `{key.Name}` | {Default(key)} | {Cell(Allowed(key))} | {Cell(key.Doc)}{Note(key)} | {extra(key)} |\n");
        }
    }

    private static string Default(ConfigDefinition key) => key.Default switch
    {
        null => "",
        "" => "empty",
        var text when text == long.MaxValue.ToString(System.Globalization.CultureInfo.InvariantCulture) => "no limit",
        var text when text == int.MaxValue.ToString(System.Globalization.CultureInfo.InvariantCulture) => "no limit",
        var text when key.Type == ConfigType.Double && text.Contains("E+308", StringComparison.Ordinal) => "no limit",
        var text => $"`{text}`",
    };

    private static string Allowed(ConfigDefinition key) => key.Allowed
        .Replace(" (k, m, g, KiB, MiB, GiB are understood)", "", StringComparison.Ordinal)
        .Replace(" to 9223372036854775807", "", StringComparison.Ordinal)
        .Replace(" to 2147483647", "", StringComparison.Ordinal)
        .Replace(" to 1.7976931348623157E+308", "", StringComparison.Ordinal)
        .Replace(" from -2147483648", "", StringComparison.Ordinal);

    private static string Note(ConfigDefinition key) => key.Support switch
    {
        ConfigSupport.NotYet => $" *Not yet: {Cell(key.SupportNote)}.*",
        ConfigSupport.AcceptedNoEffect => $" *No effect: {Cell(key.SupportNote)}.*",
        _ => "",
    };

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
