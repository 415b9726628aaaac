using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using OrleansLog.Client;

namespace OrleansLog.Cli;

/// <summary><c>olog group ...</c>: the tree; what each does is in <see cref="GroupActions"/> and <see cref="GroupResetActions"/>.</summary>
internal static class GroupCommand
{
    public static Command Build(CommandContext context) => new("group", "List, describe and delete consumer groups, move their offsets")
    {
        List(context),
        Describe(context),
        ResetOffsets(context),
        DeleteOffsets(context),
        Delete(context),
    };

    private static Command List(CommandContext context)
    {
        var states = new Option<string[]>("--state") { Description = "Only groups in this state: Empty, PreparingRebalance, CompletingRebalance, Stable, Dead; may be repeated", HelpName = "STATE" };
        states.TakeOneOf(["Empty", "PreparingRebalance", "CompletingRebalance", "Stable", "Dead"]);
        var command = new Command("list", "List groups") { states };
        return context.RunConnected(command, (invocation, client) => GroupActions.ListAsync(invocation, client.Admin, invocation.Get(states) ?? []));
    }

    private static Command Describe(CommandContext context)
    {
        var groups = new Argument<string[]>("GROUP") { Description = "Groups. None: all of them", Arity = ArgumentArity.ZeroOrMore };
        var members = new Option<bool>("--members") { Description = "Show the members instead of the partitions" };
        var watch = Watching.Option();
        var command = new Command("describe", "Show how far groups are with each partition, and who reads it") { groups, members, watch };
        return context.RunConnected(command, (invocation, client) => GroupActions.DescribeAsync(
            invocation, client.Admin, invocation.Get(groups), invocation.Get(members), Watching.PauseOf(invocation, watch)));
    }

    private static Command ResetOffsets(CommandContext context)
    {
        var group = new Argument<string>("GROUP") { Description = "Group; it must have no members" };
        var topics = new Option<string[]>("--topic", "-t") { Description = "Topic, or topic and partitions: orders, orders:0,2; may be repeated", HelpName = "TOPIC[:N,...]" };
        var all = new Option<bool>("--all-topics") { Description = "All partitions that the group has offsets of" };
        var execute = new Option<bool>("--execute") { Description = "Do it. Default: only show what would be done" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only show what would be done; the default" };
        var earliest = new Option<bool>("--to-earliest") { Description = "To the first record that is there" };
        var latest = new Option<bool>("--to-latest") { Description = "Behind the last record" };
        var current = new Option<bool>("--to-current") { Description = "To what is committed, brought back into what the partition has" };
        var offset = Numbers.Option("--to-offset", [], "To an offset, or the nearest one that is there", 0L);
        var time = new Option<string?>("--to-datetime") { Description = "To the first record at or after a time: ISO 8601 (without a zone: local) or unix milliseconds", HelpName = "TIME" };
        var duration = new Option<string?>("--by-duration") { Description = "To the first record that is at most so old: 15m, 2h, 7d", HelpName = "TIME" };
        var shift = Numbers.Option("--shift-by", [], "So many records on, or back: -100", long.MinValue);
        var file = new Option<string?>("--from-file") { Description = "To what a file says: TOPIC,PARTITION,OFFSET, a line each, as kafka-consumer-groups.sh writes it", HelpName = "FILE" };
        Option[] targets = [earliest, latest, current, offset, time, duration, shift, file];
        time.Validators.Add(static result => Check(result, static text => ParseTime(text) is null ? $"'{text}' is not a time; write 2026-11-23T14:00:00Z or 1700000000000" : null));
        duration.Validators.Add(static result => Check(result, static text => Timestamps.TryParseDuration(text, out _) ? null : $"'{text}' is not a length of time; write 15m, 2h or 7d"));
        topics.Validators.Add(static result => Check(result, static text => GroupTopics.TryParse(text, out _, out _) ? null : $"'{text}' is not TOPIC or TOPIC:N,N"));
        var command = new Command("reset-offsets", "Move the offsets of a group without members") { group, topics, all, earliest, latest, current, offset, time, duration, shift, file, execute, dryRun };
        command.Validators.Add(result =>
        {
            if (targets.Count(target => result.GetResult(target) is { Implicit: false }) != 1)
            {
                result.AddError($"say where to, once: {string.Join(", ", targets.Select(static target => target.Name))}");
            }
            else if (result.GetResult(file) is not null)
            {
                if ((result.GetResult(topics) ?? result.GetResult(all)) is not null)
                {
                    result.AddError("--from-file says itself which partitions; leave --topic and --all-topics out");
                }
            }
            else if ((result.GetResult(topics) is null) == (result.GetResult(all) is null))
            {
                result.AddError("say which partitions: --topic, which may be repeated, or --all-topics");
            }
            else if (result.GetResult(execute) is not null && result.GetResult(dryRun) is not null)
            {
                result.AddError("--execute and --dry-run exclude each other");
            }
        });
        return context.RunConnected(command, (invocation, client) => invocation.Get(file) is { } path
            ? GroupResetActions.ResetFromFileAsync(invocation, client.Admin, invocation.Get(group), path, invocation.Get(execute))
            : GroupResetActions.ResetAsync(
                invocation, client.Admin, invocation.Get(group), invocation.Get(topics) ?? [], Target(invocation), invocation.Get(execute)));

        OffsetReset Target(Invocation invocation) =>
            invocation.Get(earliest) ? OffsetReset.To(StartAt.Beginning)
            : invocation.Get(latest) ? OffsetReset.To(StartAt.End)
            : invocation.Get(current) ? OffsetReset.Current
            : invocation.Get(shift) is { } records ? OffsetReset.By(records)
            : invocation.Get(offset) is { } to ? OffsetReset.To(StartAt.Offset(to))
            : invocation.Get(time) is { } text ? OffsetReset.To(StartAt.TimestampMs(ParseTime(text)!.Value))
            : OffsetReset.To(StartAt.TimestampMs(Ago(invocation)));

        long Ago(Invocation invocation)
        {
            _ = Timestamps.TryParseDuration(invocation.Get(duration)!, out var ago);
            var nowMs = invocation.Io.Time.GetUtcNow().ToUnixTimeMilliseconds();
            return Math.Max(0, nowMs - (long)Math.Min(ago.TotalMilliseconds, nowMs));
        }
    }

    private static Command DeleteOffsets(CommandContext context)
    {
        var group = new Argument<string>("GROUP") { Description = "Group" };
        var topics = new Option<string[]>("--topic", "-t") { Description = "Topic that no member reads, or topic and partitions: orders, orders:0,2; may be repeated", HelpName = "TOPIC[:N,...]", Required = true };
        topics.Validators.Add(static result => Check(result, static text => GroupTopics.TryParse(text, out _, out _) ? null : $"'{text}' is not TOPIC or TOPIC:N,N"));
        var command = new Command("delete-offsets", "Forget what a group has committed for topics") { group, topics };
        return context.RunDestructive(
            command,
            (invocation, client) => GroupResetActions.PlanDeletionAsync(invocation, client.Admin, invocation.Get(group), invocation.Get(topics)),
            (invocation, client) => GroupResetActions.DeleteAsync(invocation, client.Admin, invocation.Get(group), invocation.Get(topics)));
    }

    private static Command Delete(CommandContext context)
    {
        var groups = new Argument<string[]>("GROUP") { Description = "Groups; they must have no members", Arity = ArgumentArity.OneOrMore };
        var command = new Command("delete", "Delete groups with their offsets") { groups };
        return context.RunDestructive(
            command,
            (invocation, client) => GroupActions.PlanDeletionAsync(invocation, client.Admin, invocation.Get(groups)),
            (invocation, client) => GroupActions.DeleteAsync(invocation, client.Admin, invocation.Get(groups)));
    }

    private static long? ParseTime(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var ms) ? ms : Timestamps.TryParseIso(text, out var iso) && iso >= 0 ? iso : null;

    private static void Check(OptionResult result, Func<string, string?> check)
    {
        foreach (var error in result.Tokens.Select(token => check(token.Value)).OfType<string>().Take(1))
        {
            result.AddError($"{result.Option.Name}: {error}");
        }
    }
}
