using System.CommandLine;

namespace OrleansLog.Cli;

/// <summary><c>olog config ...</c>: the tree; what each does is in <see cref="ConfigActions"/>.</summary>
internal static class ConfigCommand
{
    public static Command Build(CommandContext context) => new("config", "Show and change the configuration of topics and brokers")
    {
        Describe(context),
        Set(context),
        Unset(context),
    };

    private static Command Describe(CommandContext context)
    {
        var owner = new OwnerOptions();
        var all = new Option<bool>("--all", "-a") { Description = "Also the values that are only defaults" };
        var docs = new Option<bool>("--docs", "-d") { Description = "With a line about each key" };
        var command = new Command("describe", "Show values in force and where each comes from") { all, docs };
        owner.AddTo(command);
        return context.RunConnected(command, (invocation, client) => ConfigActions.DescribeAsync(
            invocation, client.Admin, owner.Of(invocation.Parsed), invocation.Get(all), invocation.Get(docs)));
    }

    private static Command Set(CommandContext context)
    {
        var owner = new OwnerOptions();
        var dryRun = DryRun();
        var values = new Argument<string[]>("KEY=VALUE") { Description = "What to set; all or nothing", Arity = ArgumentArity.OneOrMore };
        values.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(token => !Assignments.IsAssignment(token.Value)) is { } bad)
            {
                result.AddError($"'{bad.Value}' is not KEY=VALUE");
            }
        });
        var command = new Command("set", "Set values") { values, dryRun };
        owner.AddTo(command);
        return context.RunConnected(command, (invocation, client) => ConfigActions.ChangeAsync(
            invocation, client.Admin, owner.Of(invocation.Parsed), ConfigActions.Changes(invocation.Get(values), []), invocation.Get(dryRun)));
    }

    private static Command Unset(CommandContext context)
    {
        var owner = new OwnerOptions();
        var dryRun = DryRun();
        var keys = new Argument<string[]>("KEY") { Description = "What to take back to its default", Arity = ArgumentArity.OneOrMore };
        var command = new Command("unset", "Take values back to their defaults") { keys, dryRun };
        owner.AddTo(command);
        return context.RunConnected(command, (invocation, client) => ConfigActions.ChangeAsync(
            invocation, client.Admin, owner.Of(invocation.Parsed), ConfigActions.Changes([], invocation.Get(keys)), invocation.Get(dryRun)));
    }

    private static Option<bool> DryRun() => new("--dry-run") { Description = "Only say what would be changed, and whether the broker would take it" };

    /// <summary>Whose configuration: exactly one of <c>--topic</c>, <c>--broker</c> and <c>--all-brokers</c>.</summary>
    private sealed class OwnerOptions
    {
        private readonly Option<string?> _topic = new("--topic", "-t") { Description = "Of this topic", HelpName = "TOPIC" };
        private readonly Option<int?> _broker = Numbers.Option("--broker", ["-b"], "Of this broker", 0, helpName: "ID");

        private readonly Option<bool> _allBrokers = new("--all-brokers") { Description = "Of every broker that has no value of its own, also of those to come" };

        public void AddTo(Command command)
        {
            Option[] owners = [_topic, _broker, _allBrokers];
            foreach (var owner in owners)
            {
                command.Options.Add(owner);
            }

            command.Validators.Add(result =>
            {
                if (owners.Count(owner => result.GetResult(owner) is { Implicit: false }) != 1)
                {
                    result.AddError("whose configuration? give one of --topic TOPIC, --broker ID and --all-brokers");
                }
            });
        }

        public ConfigResource Of(ParseResult parsed) => parsed.GetValue(_topic) is { } topic
            ? new ConfigResource(ConfigResourceType.Topic, topic)
            : parsed.GetValue(_allBrokers) ? new ConfigResource(ConfigResourceType.Broker, "")
            : new ConfigResource(ConfigResourceType.Broker, parsed.GetValue(_broker)!.Value.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }
}
