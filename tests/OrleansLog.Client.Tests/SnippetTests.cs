using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using OrleansLog.TestKit;

namespace OrleansLog.Client.Tests;

/// <summary>Every example that the documentation shows compiles.</summary>
public sealed partial class SnippetTests
{
    private const string Usings = """
        using System;
        using System.Buffers;
        using System.Buffers.Binary;
        using System.Collections.Generic;
        using System.Linq;
        using System.Text.Json.Serialization;
        using System.Threading;
        using System.Threading.Tasks;
        using Microsoft.Extensions.DependencyInjection;
        using Microsoft.Extensions.Hosting;
        using Orleans;
        using Orleans.Hosting;
        using OrleansLog;
        using OrleansLog.Client;
        using OrleansLog.Protocol.Compression;
        using OrleansLog.Protocol.Records;
        using static Context;
        using ErrorCode = OrleansLog.Protocol.ErrorCode;

        """;

    // What the examples take for granted.
    private const string Context = """
        using System.Collections.Generic;
        using System.Threading;
        using OrleansLog;
        using OrleansLog.Client;

        public sealed record Order(string Id, decimal Amount);
        public sealed record Point(int X, int Y);

        public sealed class BillingHandler : IRecordHandler<string, Order>
        {
            public System.Threading.Tasks.ValueTask HandleAsync(ConsumeResult<string, Order> record, CancellationToken cancellationToken) => default;
        }

        [System.Text.Json.Serialization.JsonSerializable(typeof(Order))]
        public partial class OrderContext : System.Text.Json.Serialization.JsonSerializerContext
        {
            public static OrderContext Default => null!;
            public System.Text.Json.Serialization.Metadata.JsonTypeInfo<Order> Order => null!;
            public OrderContext() : base(null) { }
            protected override System.Text.Json.JsonSerializerOptions? GeneratedSerializerOptions => null;
            public override System.Text.Json.Serialization.Metadata.JsonTypeInfo? GetTypeInfo(System.Type type) => null;
        }

        public static class Context
        {
            public static ILogClient log = null!;
            public static ILogProducer<string, Order> producer = null!;
            public static ILogConsumer<string, Order> consumer = null!;
            public static TopicPartition partition = default;
            public static Order order = null!;
            public static string key = "";
            public static IEnumerable<Order> orders = [];
            public static CancellationToken cancellationToken = default;
            public static Microsoft.Extensions.Hosting.HostApplicationBuilder builder = null!;
            public static Orleans.Hosting.ISiloBuilder silo = null!;
        }
        """;

    private static readonly MetadataReference[] References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(static path => path.EndsWith(".dll", StringComparison.Ordinal))
            .Select(static path => MetadataReference.CreateFromFile(path)),
    ];

    public static TheoryData<string, string> Snippets()
    {
        var data = new TheoryData<string, string>();
        foreach (var (name, code) in FromMarkdown().Concat(FromXml()))
            data.Add(name, code);
        return data;
    }

    [Theory]
    [MemberData(nameof(Snippets))]
    public void An_example_compiles(string name, string code)
    {
        var options = new CSharpParseOptions(LanguageVersion.Latest);
        var tree = CSharpSyntaxTree.ParseText(Usings + code, options);
        var isProgram = tree.GetCompilationUnitRoot().Members.Any(static member => member is GlobalStatementSyntax);
        var compilation = CSharpCompilation.Create(
            "Snippet",
            [tree, CSharpSyntaxTree.ParseText(Context, options)],
            References,
            new CSharpCompilationOptions(
                isProgram ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        var errors = compilation.GetDiagnostics().Where(static diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
        Assert.True(!errors.Any(), $"{name} does not compile:\n{string.Join('\n', errors)}\n{code}");
    }

    [Fact]
    public void There_are_examples_where_users_look()
    {
        Assert.True(FromMarkdown().Count() >= 8);
        Assert.True(FromXml().Count() >= 10);
    }

    private static IEnumerable<(string Name, string Code)> FromMarkdown()
    {
        foreach (var file in new[] { "docs/concepts/sdk.md", "docs/concepts/sdk-groups.md" })
        {
            var number = 0;
            foreach (Match match in Fence().Matches(File.ReadAllText(Repository.PathOf(file))))
                yield return ($"{file} #{++number}", match.Groups[1].Value);
        }
    }

    private static IEnumerable<(string Name, string Code)> FromXml()
    {
        var path = Path.ChangeExtension(typeof(ILogClient).Assembly.Location, ".xml");
        foreach (var member in XDocument.Load(path).Descendants("member"))
        {
            var number = 0;
            foreach (var code in member.Descendants("code"))
                yield return ($"{member.Attribute("name")!.Value} #{++number}", code.Value);
        }
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Fence();
}
