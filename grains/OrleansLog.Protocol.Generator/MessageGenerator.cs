using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;
using OrleansLog.Protocol.Generator.Emit;

namespace OrleansLog.Protocol.Generator;

/// <summary>Turns *.kmsg declarations into message classes (D8; docs/internals/messages.md).</summary>
[Generator(LanguageNames.CSharp)]
public sealed class MessageGenerator : IIncrementalGenerator
{
    /// <summary>A declaration that cannot be read, or makes no sense; the location is its line.</summary>
    internal static readonly DiagnosticDescriptor WrongDeclaration = new(
        "OLMSG001", "Wrong message declaration", "{0}", "OrleansLog.Messages", DiagnosticSeverity.Error, isEnabledByDefault: true);

    /// <summary>Two files declare the same API.</summary>
    internal static readonly DiagnosticDescriptor DeclaredTwice = new(
        "OLMSG002", "API declared twice", "The API {0} is declared in more than one file", "OrleansLog.Messages", DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValuesProvider<CompiledFile> files = context.AdditionalTextsProvider
            .Where(static file => file.Path.EndsWith(".kmsg", StringComparison.OrdinalIgnoreCase))
            .Select(static (file, cancellationToken) => CompiledFile.Compile(file, cancellationToken));
        context.RegisterSourceOutput(files, static (output, file) =>
        {
            foreach (Diagnostic diagnostic in file.Diagnostics) output.ReportDiagnostic(diagnostic);
            foreach ((string name, string source) in file.Sources) output.AddSource(name, SourceText.From(source, Encoding.UTF8));
        });
        IncrementalValueProvider<ApiList> apis = files.Select(static (file, _) => file.Api).Collect()
            .Select(static (all, _) => new ApiList(all));
        context.RegisterSourceOutput(apis, static (output, list) =>
        {
            foreach (string name in list.Twice) output.ReportDiagnostic(Diagnostic.Create(DeclaredTwice, Location.None, name));
            if (list.Apis.Count == 0) return;
            output.AddSource("ApiKey.g.cs", SourceText.From(CatalogEmitter.Keys(list.Apis), Encoding.UTF8));
            output.AddSource("ApiCatalog.g.cs", SourceText.From(CatalogEmitter.Catalog(list.Apis), Encoding.UTF8));
        });
    }

    /// <summary>All APIs by their numbers, compared by value.</summary>
    private sealed class ApiList : IEquatable<ApiList>
    {
        public ApiList(IEnumerable<ApiEntry?> entries)
        {
            foreach (ApiEntry? entry in entries)
            {
                if (entry is null) continue;
                if (Apis.Any(known => known.Key == entry.Key || known.Name == entry.Name)) Twice.Add(entry.Name);
                else Apis.Add(entry);
            }

            Apis.Sort((left, right) => left.Key.CompareTo(right.Key));
        }

        public List<ApiEntry> Apis { get; } = [];

        public List<string> Twice { get; } = [];

        public bool Equals(ApiList? other) => other is not null && Apis.SequenceEqual(other.Apis) && Twice.SequenceEqual(other.Twice);

        public override bool Equals(object? obj) => Equals(obj as ApiList);

        public override int GetHashCode() => Apis.Count;
    }
}
