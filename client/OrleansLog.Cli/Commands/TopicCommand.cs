using System.CommandLine;

namespace OrleansLog.Cli;

/// <summary><c>olog topic ...</c>: the tree; what each does is in <see cref="TopicActions"/> and <see cref="TopicChanges"/>.</summary>
internal static class TopicCommand
{
    private const string ConfigHelp = "Topic configuration, e.g. retention.ms=3600000; may be repeated";

    public static Command Build(CommandContext context) => new("topic", "Create, list, describe, alter and delete topics")
    {
        Create(context),
        List(context),
        Describe(context),
        Alter(context),
        Delete(context),
    };

    private static Argument<string[]> Names(string description) =>
        new("TOPIC") { Description = description, Arity = ArgumentArity.OneOrMore };

    private static Command Create(CommandContext context)
    {
        var names = Names("Topic names: 1 to 249 of a-z A-Z 0-9 . _ -");
        var partitions = Numbers.Option("--partitions", ["-p"], "Number of partitions. Default: the brokers' num.partitions", 1);
        var replication = Numbers.Option<short>("--replication-factor", ["-r"], "Copies of each partition. Default: the brokers' default.replication.factor", 1);
        var configs = Assignments.Option("--config", ["-c"], ConfigHelp);
        var ifNotExists = new Option<bool>("--if-not-exists") { Description = "Leave a topic that exists as it is, without error" };
        var dryRun = new Option<bool>("--dry-run", "--validate-only") { Description = "Only say what would happen" };
        var command = new Command("create", "Create topics") { names, partitions, replication, configs, ifNotExists, dryRun };
        return context.RunConnected(command, (invocation, client) => TopicChanges.CreateAsync(
            invocation, client.Admin,
            Array.ConvertAll(invocation.Get(names), name => new NewTopic
            {
                Name = name,
                Partitions = invocation.Get(partitions) ?? -1,
                ReplicationFactor = invocation.Get(replication) ?? -1,
                Configs = Assignments.ToDictionary(invocation.Get(configs)),
            }),
            invocation.Get(ifNotExists), invocation.Get(dryRun)));
    }

    private static Command List(CommandContext context)
    {
        var isInternal = new Option<bool>("--internal") { Description = "With the topics that brokers keep for themselves" };
        var command = new Command("list", "List topics") { isInternal };
        return context.RunConnected(command, (invocation, client) => TopicActions.ListAsync(invocation, client.Admin, invocation.Get(isInternal)));
    }

    private static Command Describe(CommandContext context)
    {
        var names = Names("Topic names");
        var command = new Command("describe", "Show partitions, leaders, replicas and what was configured") { names };
        return context.RunConnected(command, (invocation, client) => TopicActions.DescribeAsync(invocation, client.Admin, invocation.Get(names)));
    }

    private static Command Alter(CommandContext context)
    {
        var name = new Argument<string>("TOPIC") { Description = "Topic name" };
        var partitions = Numbers.Option("--partitions", ["-p"], "New number of partitions; only more than now. Keys move to other partitions by it", 1);
        var configs = Assignments.Option("--config", ["-c"], ConfigHelp);
        var unset = new Option<string[]>("--unset") { Description = "Configuration to take back to its default; may be repeated", HelpName = "KEY" };
        var dryRun = new Option<bool>("--dry-run", "--validate-only") { Description = "Only say what would happen" };
        var command = new Command("alter", "Add partitions, change configuration") { name, partitions, configs, unset, dryRun };
        command.Validators.Add(result =>
        {
            if (result.GetResult(partitions) is null && result.GetResult(configs) is null && result.GetResult(unset) is null)
            {
                result.AddError("nothing to alter: give --partitions, --config or --unset");
            }
        });
        return context.RunConnected(command, (invocation, client) => TopicChanges.AlterAsync(
            invocation, client.Admin, invocation.Get(name), invocation.Get(partitions),
            ConfigActions.Changes(invocation.Get(configs), invocation.Get(unset)), invocation.Get(dryRun)));
    }

    private static Command Delete(CommandContext context)
    {
        var names = Names("Topic names");
        var ifExists = new Option<bool>("--if-exists") { Description = "A topic that does not exist is no error" };
        var command = new Command("delete", "Delete topics with all their records") { names, ifExists };
        return context.RunDestructive(
            command,
            (invocation, client) => TopicChanges.PlanDeletionAsync(invocation, client.Admin, invocation.Get(names), invocation.Get(ifExists)),
            (invocation, client) => TopicChanges.DeleteAsync(invocation, client.Admin, invocation.Get(names), invocation.Get(ifExists)));
    }
}
