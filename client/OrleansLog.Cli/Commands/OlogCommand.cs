using System.CommandLine;

namespace OrleansLog.Cli;

/// <summary>The command tree.</summary>
internal static class OlogCommand
{
    public static RootCommand Build(CliIo io, IConnector connector)
    {
        var context = new CommandContext(io, new GlobalOptions(), connector);
        var root = new RootCommand("The command line of OrleansLog: topics, records, groups, configuration, and a look into its files.")
        {
            TopicCommand.Build(context),
            ProduceCommand.Build(context),
            ConsumeCommand.Build(context),
            OffsetsCommand.Build(context),
            RecordsCommand.Build(context),
            PartitionCommand.Build(context),
            GroupCommand.Build(context),
            ConfigCommand.Build(context),
            ClusterCommand.Build(context),
            BrokerCommand.Build(context),
            LogDirsCommand.Build(context),
            LogCommand.Build(context),
            CompletionCommand.Build(context),
        };
        context.Global.AddTo(root);
        Examples.AddTo(root);
        return root;
    }
}
