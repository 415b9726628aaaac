using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace OrleansLog.Cli;

/// <summary>What a person sees of a <see cref="ClusterPicture"/>, or of a cluster that cannot be reached.</summary>
internal sealed record StatusView(IReadOnlyList<string> Head, Table? Problems, IReadOnlyList<string> Foot)
{
    public static StatusView Of(ClusterPicture picture, int problemsMax)
    {
        var away = picture.Brokers.Where(static broker => broker.State != BrokerLoad.Up).Select(static broker => $"broker {Text(broker.Id)} {broker.State}");
        var up = picture.Brokers.Count(static broker => broker.State == BrokerLoad.Up);
        string[] head =
        [
            $"cluster {picture.Cluster.ClusterId}  controller {(picture.Cluster.ControllerId < 0 ? "none" : Text(picture.Cluster.ControllerId))}",
            $"brokers up {Text(up)} of {Text(picture.Brokers.Count)}{string.Concat(away.Select(static broker => $", {broker}"))}",
            $"topics {Text(picture.Topics)}  partitions {Text(picture.Partitions)}",
            string.Join("  ", Count("offline", PartitionProblems.Offline), Count("under-replicated", PartitionProblems.UnderReplicated),
                Count("under-min-isr", PartitionProblems.UnderMinIsr), Count("at-min-isr", PartitionProblems.AtMinIsr),
                Count("not-preferred-leader", PartitionProblems.NotPreferredLeader)),
        ];
        if (picture.Problems.Count == 0)
        {
            return new StatusView([.. head, "all partitions are well"], null, []);
        }

        var shown = Math.Min(problemsMax, picture.Problems.Count);
        return new StatusView(
            head, shown == 0 ? null : Rows(picture.Problems.Take(shown)),
            shown == picture.Problems.Count ? [] : [$"{Text(shown)} of {Text(picture.Problems.Count)} partitions with a problem are shown; --problems N shows more"]);

        string Count(string name, PartitionProblems problems) => $"{name} {Text(picture.Count(problems))}";
    }

    public static StatusView Unreachable(string why) => new([$"cannot be reached: {why}"], null, []);

    public StatusView At(string time) => this with { Head = [time, .. Head] };

    public void WriteTo(CliIo io)
    {
        foreach (var line in Head)
        {
            io.Text.WriteLine(line);
        }

        Problems?.WriteTo(io);
        foreach (var line in Foot)
        {
            io.Text.WriteLine(line);
        }
    }

    /// <summary>The same as it is drawn on a terminal.</summary>
    public IRenderable Drawn() => new Rows([.. Head.Select(static line => new Text(line)), .. Problems is null ? Array.Empty<IRenderable>() : [Problems.Drawn()], .. Foot.Select(static line => new Text(line))]);

    private static Table Rows(IEnumerable<PartitionHealth> problems)
    {
        var table = new Table("TOPIC", "PARTITION", "LEADER", "REPLICAS", "ISR", "ELR", "PROBLEM");
        foreach (var problem in problems)
        {
            var partition = problem.Partition;
            table.Add(
                problem.Topic, Text(partition.Partition), partition.LeaderId < 0 ? "none" : Text(partition.LeaderId), Text(partition.Replicas),
                Text(partition.Isr), Text(partition.EligibleLeaderReplicas), problem.Describe());
        }

        return table;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(int[] numbers) => string.Join(',', numbers.Select(Text));
}
