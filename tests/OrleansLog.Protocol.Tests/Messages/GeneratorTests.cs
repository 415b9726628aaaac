using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;
using OrleansLog.Protocol.Generator;

namespace OrleansLog.Protocol.Tests.Messages;

/// <summary>A wrong declaration is an error of the compiler, at its line; a good one compiles.</summary>
public class GeneratorTests
{
    private const string Good = """
        # Says hello.
        api 99 Hello

        request 0-3 flexible 2+
            name        string?1+ = null
            greetings   []Greeting 1+
                text    string
                codes   []int32? = null
            extra       ExtraData 2+ tag 0
                size    int64 = -1

        response 0-3 flexible 2+
            errorCode   error
            blob        bytes
        """;

    [Theory]
    [InlineData("    name string\n", 1, "A field needs a request")]
    [InlineData("api 1\n", 1, "Expected 'api KEY NAME'")]
    [InlineData("api 1 hello\n", 1, "Expected 'api KEY NAME'")]
    [InlineData("request 0-1\n    a int8\n", 1, "needs 'api KEY NAME'")]
    [InlineData("message Foo 0\n", 1, "Expected 'api', 'request', 'response' or 'data', not 'message'")]
    [InlineData("data Foo 0-\n    a int8\n", 1, "Expected the versions")]
    [InlineData("data Foo 3-1\n    a int8\n", 1, "Expected the versions")]
    [InlineData("data Foo 0+\n    a int8\n", 1, "Expected the versions")]
    [InlineData("data Foo 0-1 flexible 1\n    a int8\n", 1, "Expected nothing, or 'flexible N+'")]
    [InlineData("data Foo 0\n    a\n", 2, "Expected 'name type'")]
    [InlineData("data Foo 0\n    A int8\n", 2, "names begin with a small letter")]
    [InlineData("data Foo 0\n    a int128\n", 2, "'int128' is not a type")]
    [InlineData("data Foo 0\n    a string?x\n", 2, "'string?x' is not a type")]
    [InlineData("data Foo 0\n   a int8\n", 2, "Indent by 4 spaces")]
    [InlineData("data Foo 0\n    a int8\n        b int8\n", 3, "indented under one that has no fields")]
    [InlineData("data Foo 0-2\n    a int8 3+\n", 2, "no version beyond 2")]
    [InlineData("data Foo 0-2\n    a int8 1-3\n", 2, "no version beyond 2")]
    [InlineData("data Foo 0-2\n    a int8 2-1\n", 2, "'2-1' is not a range")]
    [InlineData("data Foo 0\n    a int8 sometimes\n", 2, "'sometimes' is not expected here")]
    [InlineData("data Foo 0\n    a int8 = 128\n", 2, "'128' is not a default")]
    [InlineData("data Foo 0\n    a bool = 1\n", 2, "'1' is not a default")]
    [InlineData("data Foo 0\n    a string = text\n", 2, "'text' is not a default")]
    [InlineData("data Foo 0\n    a string = null\n", 2, "'null' is not a default")]
    [InlineData("data Foo 0\n    a int8?\n", 2, "Only strings, bytes, arrays and structs may be null")]
    [InlineData("data Foo 0\n    a []Bar\n", 2, "The struct Bar has no fields")]
    [InlineData("data Foo 0\n    a []Bar\n        x int8\n    b []Bar\n        x int8\n", 4, "The struct Bar is declared twice")]
    [InlineData("data Foo 0\n    a int8\n    a int8\n", 3, "The name A is taken")]
    [InlineData("data Foo 0\n    foo int8\n", 2, "The name Foo is taken")]
    [InlineData("data Foo 0\n    bar []Bar\n        x int8\n", 2, "The name Bar is taken")]
    [InlineData("data Foo 0-1 flexible 1+\n    a int8 tag 0\n", 2, "A tagged field needs a flexible version")]
    [InlineData("data Foo 0-1 flexible 0+\n    a int8 tag 0\n    b int8 tag 0\n", 3, "Tag 0 is taken")]
    [InlineData("data Foo 0 flexible 0+\n    a Bar? tag 0\n        x int8\n", 2, "takes no '?'")]
    [InlineData("api 1 Foo\nrequest 0 flexible 0+\n    a int8\nresponse 0\n    a int8\n", 4, "become flexible in the same version")]
    [InlineData("# nothing\n", 1, "The file declares nothing")]
    public void A_wrong_declaration_is_an_error_at_its_line(string text, int line, string message)
    {
        Diagnostic diagnostic = Assert.Single(Run(("Wrong.kmsg", text)).Diagnostics);
        Assert.Equal(DiagnosticSeverity.Error, diagnostic.Severity);
        Assert.Contains(message, diagnostic.GetMessage(null), StringComparison.Ordinal);
        FileLinePositionSpan where = diagnostic.Location.GetLineSpan();
        Assert.Equal(("Wrong.kmsg", line), (where.Path, where.StartLinePosition.Line + 1));
    }

    [Fact]
    public void An_api_that_two_files_declare_is_an_error() =>
        Assert.Equal("OLMSG002", Assert.Single(Run(("One.kmsg", Good), ("Two.kmsg", Good.Replace("Hello", "Bye", StringComparison.Ordinal))).Diagnostics).Id);

    [Fact]
    public void A_good_declaration_becomes_code_that_compiles()
    {
        GeneratorDriverRunResult result = Run(("Good.kmsg", Good), ("Readme.md", "data Foo"));
        Assert.Empty(result.Diagnostics);
        Assert.Equal(["ApiCatalog.g.cs", "ApiKey.g.cs", "HelloRequestData.g.cs", "HelloResponseData.g.cs"],
            result.Results[0].GeneratedSources.Select(source => source.HintName).Order(StringComparer.Ordinal));
        string request = result.Results[0].GeneratedSources.Single(source => source.HintName == "HelloRequestData.g.cs").SourceText.ToString();
        Assert.Contains("Says hello. Versions 0-3, flexible from 2.", request, StringComparison.Ordinal);
        Assert.Empty(CSharpSyntaxTree.ParseText(request).GetDiagnostics());
    }

    [Fact]
    public void An_edit_of_one_file_leaves_the_output_of_the_others_alone()
    {
        var other = new Text("Other.kmsg", "data Other 0\n    a int8\n");
        CSharpGeneratorDriver driver = CSharpGeneratorDriver.Create([new MessageGenerator().AsSourceGenerator()], [new Text("Good.kmsg", Good), other],
            driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));
        Compilation compilation = CSharpCompilation.Create("Empty");
        GeneratorDriver ran = driver.RunGenerators(compilation);
        AdditionalText edited = new Text("Other.kmsg", "data Other 0\n    a int16\n");
        GeneratorRunResult second = ran.ReplaceAdditionalText(other, edited).RunGenerators(compilation).GetRunResult().Results[0];
        IEnumerable<IncrementalStepRunReason> reasons = second.TrackedOutputSteps.SelectMany(step => step.Value)
            .SelectMany(step => step.Outputs).Select(output => output.Reason);
        Assert.Equal([IncrementalStepRunReason.Modified, IncrementalStepRunReason.Cached, IncrementalStepRunReason.Cached], reasons.Order());
    }

    private static GeneratorDriverRunResult Run(params (string Path, string Content)[] files) =>
        CSharpGeneratorDriver.Create([new MessageGenerator().AsSourceGenerator()], [.. files.Select(file => new Text(file.Path, file.Content))])
            .RunGenerators(CSharpCompilation.Create("Empty")).GetRunResult();

    private sealed class Text(string path, string content) : AdditionalText
    {
        public override string Path => path;

        public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(content);
    }
}
