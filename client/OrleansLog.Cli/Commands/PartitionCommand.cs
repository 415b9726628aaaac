using System.CommandLine;
using System.Globalization;
using OrleansLog.Client;
using OrleansLog.Protocol;

namespace OrleansLog.Cli;

/// <summary><c>olog partition accept-loss</c>: the way out when the only copy of a partition is gone (D11).</summary>
internal static class PartitionCommand
{
    public static Command Build(CommandContext context) => new("partition", "Repair partitions")
    {
        AcceptLoss(context),
    };

    private static Command AcceptLoss(CommandContext context)
    {
        var topic = new Argument<string>("TOPIC") { Description = "Topic name" };
        var partition = Numbers.Argument("PARTITION", "Partition number");
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask. Without a terminal to ask at, nothing is done unless this is given" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only show what would be given up" };
        var command = new Command(
            "accept-loss",
            "Give up the records of a partition without a leader, for good: a replica whose directory is gone then leads with an empty log, from offset 0")
        {
            topic, partition, dryRun, yes,
        };
        return context.Run(command, async invocation =>
        {
            var name = new TopicPartition(invocation.Get(topic), invocation.Get(partition));
            var isAgreed = invocation.Get(yes);
            if (invocation.Get(dryRun))
            {
                await using var reader = await invocation.ConnectAsync();
                CheckLeaderless(name, await DescribeAsync(invocation, reader.Admin, name));
                Confirmation.Show(invocation, [$"give up, for good, the records of {name} that no live broker has"]);
                return ExitCode.Ok;
            }

            if (!isAgreed && !(invocation.Io.InIsTerminal && invocation.Io.ErrorIsTerminal))
            {
                throw new CliException(ExitCode.Usage, $"accept-loss gives up records of {name} for good and there is no terminal to ask at; nothing was done, give --yes");
            }

            if (invocation.Connection.Gateways.Count == 0)
            {
                throw new CliException(
                    ExitCode.Usage, $"Kafka's protocol has no request for accept-loss; name an Orleans gateway with --gateway or {AddressList.GatewayVariable}");
            }

            await using var client = await invocation.ConnectAsync();
            return await RunAsync(invocation, client.Admin, name, isAgreed);
        });
    }

    private static async Task<ExitCode> RunAsync(Invocation invocation, ILogAdmin admin, TopicPartition name, bool isAgreed)
    {
        var before = await DescribeAsync(invocation, admin, name);
        CheckLeaderless(name, before);
        if (!isAgreed && !await AskAsync(invocation, name, before))
        {
            throw new CliException(ExitCode.Error, $"{name}: not confirmed, nothing was done");
        }

        try
        {
            await admin.AcceptLossAsync(name, invocation.Cancellation);
        }
        catch (LogException error)
        {
            throw Failures.Exception(error.Code, error.Message, name.ToString());
        }

        var after = await DescribeAsync(invocation, admin, name);
        if (invocation.IsJson)
        {
            JsonOutput.Write(
                invocation.Io, new AcceptedLossDocument(name.Topic, name.Partition, after.LeaderId, after.LeaderEpoch), DocumentContext.Default.AcceptedLossDocument);
        }
        else
        {
            invocation.Io.Text.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"accepted the loss of {name}: broker {after.LeaderId} leads it in epoch {after.LeaderEpoch}"));
        }

        return ExitCode.Ok;
    }

    private static void CheckLeaderless(TopicPartition name, PartitionDescription partition)
    {
        if (partition.LeaderId >= 0)
        {
            throw Failures.Exception(ErrorCode.ElectionNotNeeded, $"broker {partition.LeaderId} leads it, nothing was done", name.ToString());
        }
    }

    private static async Task<PartitionDescription> DescribeAsync(Invocation invocation, ILogAdmin admin, TopicPartition name)
    {
        _ = await PartitionSelection.ResolveAsync(admin, name.Topic, [name.Partition], invocation.Cancellation);
        return (await PartitionSelection.DescribeAsync(admin, name.Topic, invocation.Cancellation)).Partitions
            .Single(partition => partition.Partition == name.Partition);
    }

    private static async Task<bool> AskAsync(Invocation invocation, TopicPartition name, PartitionDescription partition)
    {
        var error = invocation.Io.Error;
        var offline = partition.OfflineReplicas.Length == 0 ? "" : $" Offline on: {string.Join(", ", partition.OfflineReplicas.Select(id => $"broker {id}"))}.";
        error.WriteLine($"{name} has no leader.{offline}");
        error.WriteLine("If its directory or disk can be brought back, do that instead: then nothing is lost.");
        error.WriteLine("Accepting the loss makes a live replica lead with what it has. One whose directory is gone begins empty, at offset 0.");
        error.WriteLine("Every record that it does not have is given up for good, also if the directory comes back later.");
        return await Confirmation.AskAsync(invocation, "give them up");
    }
}
