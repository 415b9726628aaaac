using System.Diagnostics.Metrics;
using OrleansLog.Core.Groups;
using OrleansLog.Grains.Partitions;

namespace OrleansLog.Grains.Coordinators;

/// <summary>Figures about groups, counted when somebody looks.</summary>
internal sealed class CoordinatorFigures(CoordinatorTable table, CoordinatorContext context, PartitionTable partitions)
{
    private static readonly GroupPhase[] Phases = [GroupPhase.Empty, GroupPhase.PreparingRebalance, GroupPhase.CompletingRebalance, GroupPhase.Stable];

    /// <summary>Groups by state.</summary>
    public IEnumerable<Measurement<long>> GroupsByState()
    {
        var counts = new long[(int)GroupPhase.Dead + 1];
        foreach (var shard in table.All)
            shard.TryVisit(counts, static (group, c) => c[(int)group.Phase]++);

        return [.. Phases.Select(phase => new Measurement<long>(counts[(int)phase], new KeyValuePair<string, object?>("state", phase.ToString())))];
    }

    /// <summary>Committed offsets.</summary>
    public long Offsets()
    {
        var count = new long[1];
        foreach (var shard in table.All)
            shard.TryVisit(count, static (group, c) => c[0] += group.OffsetCount);

        return count[0];
    }

    /// <summary>Bytes that members hold.</summary>
    public long MemberBytes() => table.MemberBytes;

    /// <summary>
    /// Lag per group, topic and partition, for partitions that this broker leads, up to <c>orleanslog.metrics.consumer.lag.max</c>; a partition of another
    /// broker is not asked for, as a look at metrics must not wait.
    /// </summary>
    public IEnumerable<Measurement<long>> Lag()
    {
        var max = context.Config.MetricsConsumerLagMax;
        var lags = new List<Measurement<long>>();
        foreach (var shard in table.All)
        {
            if (lags.Count >= max)
                break;

            shard.TryVisit((Lags: lags, Max: max, Figures: this), static (group, args) => args.Figures.AddLag(group, args.Lags, args.Max));
        }

        return lags;
    }

    private void AddLag(GroupState<GroupTicket> group, List<Measurement<long>> lags, int max)
    {
        var offsets = new List<OffsetView>(group.OffsetCount);
        group.FetchAllOffsets(offsets);
        foreach (var offset in offsets)
        {
            if (lags.Count >= max)
                return;
            if (partitions.Find(new TopicPartition(offset.Partition.Topic, offset.Partition.Partition)) is not { IsLeader: true } partition)
                continue;

            lags.Add(new Measurement<long>(
                Math.Max(0, partition.HighWatermark - offset.Offset),
                new KeyValuePair<string, object?>("group", group.GroupId),
                new KeyValuePair<string, object?>("topic", offset.Partition.Topic),
                new KeyValuePair<string, object?>("partition", offset.Partition.Partition)));
        }
    }
}
