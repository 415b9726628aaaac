using System.CommandLine;
using System.CommandLine.Parsing;

namespace OrleansLog.Cli;

/// <summary><c>olog consume TOPIC</c>: options, and what they stand for.</summary>
internal static class ConsumeCommand
{
    public static Command Build(CommandContext context)
    {
        var topic = new Argument<string>("TOPIC") { Description = "Topic to read" };
        var from = new Option<string>("--from", "-s") { Description = $"Where to begin: {StartPosition.Help}", HelpName = "POSITION", DefaultValueFactory = _ => "beginning" };
        var partitions = Numbers.Repeated("--partition", "-p", "Only this partition; may be repeated. Default: all");
        var max = Numbers.Option("--max-messages", ["-n"], "End after so many records", 0L);
        var atEnd = new Option<bool>("--exit-at-end", "-e") { Description = "End with the last record that is there now. Default: wait for more" };
        var format = new Option<string>("--format") { Description = RecordFormat.Help, HelpName = "TEXT", DefaultValueFactory = _ => RecordFormat.Default };
        var nullText = new Option<string>("--null-marker") { Description = "What a null key or value looks like. Default: nothing", HelpName = "TEXT", DefaultValueFactory = _ => "" };
        var group = new Option<string?>("--group", "-G")
        {
            Description = "Read as a member of this group: it gives the partitions, what is written out is committed, and --from (beginning or end) holds where it has no offset",
            HelpName = "GROUP",
        };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "No notes on standard error" };
        from.Validators.Add(result => Check(result, text => StartPosition.TryParse(text, context.Io.Time.GetUtcNow(), out _, out var error) ? null : error));
        format.Validators.Add(result => Check(result, text => RecordFormat.TryParse(text, "", out _, out var error) ? null : error));
        var command = new Command("consume", "Read records to standard output, byte for byte")
        {
            topic, from, partitions, max, atEnd, format, nullText, group, quiet,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(group) is null)
            {
                return;
            }

            if (result.GetResult(partitions) is not null)
            {
                result.AddError("--partition: a group gives the partitions itself");
            }

            if (result.GetResult(from) is { Tokens: [var token, ..] } && StartPosition.TryParse(token.Value, context.Io.Time.GetUtcNow(), out var position, out _)
                && position.Kind is not (StartKind.Beginning or StartKind.End))
            {
                result.AddError("--from: a group begins where it stopped, or at the beginning or end; 'olog group reset-offsets' moves it");
            }
        });
        return context.RunConnected(command, (invocation, client) =>
        {
            _ = StartPosition.TryParse(invocation.Get(from), invocation.Io.Time.GetUtcNow(), out var position, out _);
            _ = RecordFormat.TryParse(invocation.Get(format), invocation.Get(nullText), out var parsed, out _);
            var settings = new ConsumeSettings
            {
                Topic = invocation.Get(topic),
                From = position,
                Partitions = invocation.Get(partitions) ?? [],
                MaxMessages = invocation.Get(max),
                ExitsAtEnd = invocation.Get(atEnd),
                Format = parsed,
                Group = invocation.Get(group),
                IsQuiet = invocation.Get(quiet),
            };
            return new ConsumeRun(invocation, settings, client).RunAsync();
        });
    }

    private static void Check(OptionResult result, Func<string, string?> check)
    {
        if (result.Tokens is [var token, ..] && check(token.Value) is { } error)
        {
            result.AddError($"{result.Option.Name}: {error}");
        }
    }
}
