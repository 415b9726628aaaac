using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;
using OrleansLog.Protocol.Generator.Emit;
using OrleansLog.Protocol.Generator.Schema;

namespace OrleansLog.Protocol.Generator;

/// <summary>What came of one declaration, compared by value so that an edit of one file leaves the others' output alone.</summary>
internal sealed class CompiledFile : IEquatable<CompiledFile>
{
    private readonly List<(string Name, string Source)> _sources = [];
    private readonly List<Diagnostic> _diagnostics = [];

    public ApiEntry? Api { get; private set; }

    public IReadOnlyList<(string Name, string Source)> Sources => _sources;

    public IReadOnlyList<Diagnostic> Diagnostics => _diagnostics;

    public static CompiledFile Compile(AdditionalText file, CancellationToken cancellationToken)
    {
        var result = new CompiledFile();
        if (file.GetText(cancellationToken) is not { } text) return result;
        var faults = new List<Fault>();
        Declaration declaration = SchemaParser.Parse(text.ToString(), faults);
        foreach (Fault fault in faults) result._diagnostics.Add(Diagnostic.Create(MessageGenerator.WrongDeclaration, Where(file.Path, text, fault.Line), fault.Text));
        if (faults.Count > 0) return result;
        foreach (Message message in declaration.Messages) result._sources.Add((message.Root.Name + ".g.cs", MessageEmitter.Emit(declaration, message)));
        Message? request = declaration.Messages.Find(message => message.Kind == MessageKind.Request);
        if (request is not null)
        {
            result.Api = new ApiEntry(declaration.ApiName, declaration.ApiKey, declaration.ApiDoc, request.Versions.From, request.Versions.To,
                request.FlexibleFrom);
        }

        return result;
    }

    public bool Equals(CompiledFile? other) =>
        other is not null && Equals(Api, other.Api) && _sources.SequenceEqual(other._sources) && _diagnostics.SequenceEqual(other._diagnostics);

    public override bool Equals(object? obj) => Equals(obj as CompiledFile);

    public override int GetHashCode() => _sources.Count == 0 ? 0 : _sources[0].Source.GetHashCode();

    private static Location Where(string path, SourceText text, int line)
    {
        TextSpan span = text.Lines[line].Span;
        return Location.Create(path, span, text.Lines.GetLinePositionSpan(span));
    }
}
