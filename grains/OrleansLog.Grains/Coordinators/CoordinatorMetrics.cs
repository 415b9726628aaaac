using System.Diagnostics.Metrics;
using OrleansLog.Grains.Diagnostics;

namespace OrleansLog.Grains.Coordinators;

/// <summary>The instruments of the groups that a broker coordinates, on the meter <c>OrleansLog</c>.</summary>
internal sealed class CoordinatorMetrics : IDisposable
{
    private readonly Meter _meter = new(BrokerMetrics.MeterName);
    private readonly Counter<long> _rebalances;
    private readonly Counter<long> _commits;

    public CoordinatorMetrics()
    {
        _rebalances = _meter.CreateCounter<long>("orleanslog.group.rebalances", "{rebalance}", "Generations of groups that began.");
        _commits = _meter.CreateCounter<long>("orleanslog.group.offset.commits", "{offset}", "Offsets that groups asked to commit.");
    }

    /// <summary>A group has a new generation.</summary>
    public void Rebalanced() => _rebalances.Add(1);

    /// <summary>Offsets were to be committed.</summary>
    public void Committed(int offsets) => _commits.Add(offsets);

    /// <summary>Adds the figures that are read when somebody looks.</summary>
    public void Observe(CoordinatorFigures figures)
    {
        _meter.CreateObservableGauge("orleanslog.groups", figures.GroupsByState, "{group}", "Groups that this broker coordinates, by state.");
        _meter.CreateObservableGauge("orleanslog.group.offsets", figures.Offsets, "{offset}", "Committed offsets that this broker keeps.");
        _meter.CreateObservableGauge("orleanslog.group.member.memory", figures.MemberBytes, "By", "Memory that the members of groups hold on this broker.");
        _meter.CreateObservableGauge("orleanslog.consumer.lag", figures.Lag, "{message}", "Records between a group's committed offset and the partition's high watermark.");
    }

    public void Dispose() => _meter.Dispose();
}
