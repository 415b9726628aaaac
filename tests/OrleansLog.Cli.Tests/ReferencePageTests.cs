using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;
using OrleansLog.TestKit;

namespace OrleansLog.Cli.Tests;

/// <summary>Keeps docs/reference/olog.md what the command tree says.</summary>
public class ReferencePageTests
{
    private const string Marker = "<!-- From here on written from the command tree by a test (ORLEANSLOG_UPDATE_DOCS=1); do not edit by hand. -->\n";

    private static readonly string Page = Repository.PathOf("docs", "reference", "olog.md");

    [Fact]
    public void The_page_lists_every_command_and_option_as_it_is()
    {
        var text = File.ReadAllText(Page);
        var split = text.IndexOf(Marker, StringComparison.Ordinal) + Marker.Length;
        Assert.True(split >= Marker.Length, "The page has lost its marker.");
        var commands = Render();
        if (Environment.GetEnvironmentVariable("ORLEANSLOG_UPDATE_DOCS") == "1")
        {
            File.WriteAllText(Page, text[..split] + commands);
        }

        Assert.True(
            File.ReadAllText(Page)[split..] == commands,
            "docs/reference/olog.md is stale: run this test with ORLEANSLOG_UPDATE_DOCS=1 and commit the page.");
    }

    [Fact]
    public void The_page_lists_every_exit_code()
    {
        var text = File.ReadAllText(Page);
        Assert.All(Enum.GetValues<ExitCode>(), code => Assert.Contains($"| {(int)code} | ", text, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_command_has_examples_and_each_of_them_is_understood()
    {
        using var io = new CliIo { In = Stream.Null, Out = Stream.Null, Error = TextWriter.Null };
        var root = OlogCommand.Build(io, new Connector());
        foreach (var path in Leaves(root, ""))
        {
            Assert.NotEmpty(Examples.Of(path));
            foreach (var line in Examples.Of(path).SelectMany(line => line.Split('|', '>', '(', ')')).Where(part => part.TrimStart().StartsWith("olog ", StringComparison.Ordinal)))
            {
                Assert.Null(UsageError.Of(root.Parse(CommandLineParser.SplitCommandLine(line).Skip(1).ToArray())));
            }
        }
    }

    [Fact]
    public async Task Help_ends_with_the_examples() =>
        Assert.EndsWith("Examples:\n  olog topic describe orders\n\n", (await CliHarness.RunAsync("topic", "describe", "--help")).Succeeded().Text, StringComparison.Ordinal);

    private static IEnumerable<string> Leaves(Command command, string path) => command.Subcommands.Count == 0
        ? [path]
        : command.Subcommands.SelectMany(inner => Leaves(inner, path.Length == 0 ? inner.Name : $"{path} {inner.Name}"));

    private static string Render()
    {
        using var io = new CliIo { In = Stream.Null, Out = Stream.Null, Error = TextWriter.Null };
        var root = OlogCommand.Build(io, new Connector());
        var page = new StringBuilder();
        page.Append("\n### Options of every command\n\n");
        AppendOptions(page, root.Options.Where(option => option.Recursive));
        foreach (var command in root.Subcommands)
        {
            Append(page, command, "olog");
        }

        return page.ToString();
    }

    private static void Append(StringBuilder page, Command command, string parent)
    {
        var path = $"{parent} {command.Name}";
        foreach (var inner in command.Subcommands)
        {
            Append(page, inner, path);
        }

        if (command.Subcommands.Count > 0)
        {
            return;
        }

        var arguments = string.Concat(command.Arguments.Select(argument => $" {argument.Name}{(argument.Arity.MaximumNumberOfValues > 1 ? "..." : "")}"));
        page.Append($"\n### {path}{arguments}\n\n{command.Description}.\n");
        foreach (var (argument, i) in command.Arguments.Select((argument, i) => (argument, i)))
        {
            page.Append($"{(i == 0 ? "\n" : "")}- `{argument.Name}`: {argument.Description}\n");
        }

        if (command.Options.Count > 0)
        {
            page.Append('\n');
            AppendOptions(page, command.Options);
        }

        page.Append($"\n```bash\n{string.Join('\n', Examples.Of(path["olog ".Length..]))}\n```\n");
    }

    private static void AppendOptions(StringBuilder page, IEnumerable<Option> options)
    {
        page.Append("| option | what it does | default |\n|---|---|---|\n");
        foreach (var option in options.Where(option => !option.Hidden))
        {
            var names = string.Join(", ", option.Aliases.Where(alias => alias.StartsWith('-') && alias != "-?").Append(option.Name).Distinct().OrderBy(name => name.Length));
            var value = option.HelpName is { } help ? $" {help.Replace("|", @"\|", StringComparison.Ordinal)}" : "";
            var standard = option.HasDefaultValue && option.ValueType == typeof(string) && option.GetDefaultValue() is string { Length: > 0 } text ? $"`{text}`" : "";
            page.Append($"| `{names}{value}` | {option.Description?.Replace("|", @"\|", StringComparison.Ordinal)} | {standard} |\n");
        }
    }
}
