using System.Collections.Generic;

namespace OrleansLog.Protocol.Generator.Emit;

/// <summary>One API, as the catalog needs it.</summary>
internal sealed record ApiEntry(string Name, int Key, string Doc, int Lowest, int Highest, int FlexibleFrom);

/// <summary>The enum of API keys, and the generated part of ApiCatalog: switches, no tables to build at start.</summary>
internal static class CatalogEmitter
{
    public static string Keys(List<ApiEntry> apis)
    {
        var code = new CodeWriter();
        code.Line(MessageEmitter.Header).Line("namespace OrleansLog.Protocol.Messages;").Line();
        code.Summary("The APIs whose messages are declared, by their numbers on the wire.");
        code.Open("public enum ApiKey : short");
        foreach (ApiEntry api in apis)
        {
            code.Summary(api.Doc.Length > 0 ? api.Doc : $"{api.Name}.");
            code.Line($"{api.Name} = {api.Key},").Line();
        }

        code.Close();
        return code.ToString();
    }

    public static string Catalog(List<ApiEntry> apis)
    {
        var code = new CodeWriter();
        code.Line(MessageEmitter.Header).Line("namespace OrleansLog.Protocol.Messages;").Line();
        code.Open("public static partial class ApiCatalog");
        Switch(code, "string? DeclaredName", apis, api => $"\"{api.Name}\"", "null");
        Switch(code, "short DeclaredLowest", apis, api => $"{api.Lowest}", "-1");
        Switch(code, "short DeclaredHighest", apis, api => $"{api.Highest}", "-1");
        Switch(code, "short DeclaredFlexibleFrom", apis, api => $"{api.FlexibleFrom}", "short.MaxValue");
        code.Close();
        return code.ToString();
    }

    private static void Switch(CodeWriter code, string member, List<ApiEntry> apis, System.Func<ApiEntry, string> value, string otherwise)
    {
        code.Open($"private static {member}(ApiKey key) => key switch");
        foreach (ApiEntry api in apis) code.Line($"ApiKey.{api.Name} => {value(api)},");
        code.Line($"_ => {otherwise},");
        code.Close(";");
        code.Line();
    }
}
