using System.Diagnostics.Metrics;
using OrleansLog.Core.Controller;
using OrleansLog.Grains.Diagnostics;

namespace OrleansLog.Grains;

/// <summary>
/// What the controller of this silo knows of the whole cluster, on the meter <c>OrleansLog</c>. Every silo tells whether it
/// hosts the active controller; only the one that does tells the rest.
/// </summary>
internal sealed class ControllerMetrics : IDisposable
{
    private readonly Meter _meter = new(BrokerMetrics.MeterName);
    private readonly Counter<long> _silences;
    private volatile ControllerShell? _active;
    private ClusterFigures? _figures;

    public ControllerMetrics()
    {
        _silences = _meter.CreateCounter<long>(
            "orleanslog.controller.silences", "{silence}", "Times that this silo found the controller silent, and looked for another one.");
        _meter.CreateObservableGauge("orleanslog.controller.active", () => _active is null ? 0 : 1, "{controller}", "1 where this silo hosts the active controller.");
        Observe("orleanslog.controller.epoch", "{epoch}", "Epoch of the active controller.", static figures => figures.ControllerEpoch);
        _meter.CreateObservableGauge(
            "orleanslog.controller.log.answering",
            () => _active is { } shell ? [new Measurement<int>(shell.IsLogAnswering ? 1 : 0)] : Array.Empty<Measurement<int>>(),
            "{log}", "0 while the database of the metadata does not answer the active controller.");
        Observe("orleanslog.controller.brokers", "{broker}", "Brokers that are registered and not fenced.", static figures => figures.ActiveBrokers);
        Observe("orleanslog.controller.brokers.fenced", "{broker}", "Brokers that are registered and fenced.", static figures => figures.FencedBrokers);
        Observe("orleanslog.controller.topics", "{topic}", "Topics of the cluster.", static figures => figures.Topics);
        Observe("orleanslog.controller.partitions", "{partition}", "Partitions of the cluster.", static figures => figures.Partitions);
        Observe("orleanslog.controller.partitions.offline", "{partition}", "Partitions of the cluster without a leader.", static figures => figures.Offline);
        Observe(
            "orleanslog.controller.partitions.imbalanced", "{partition}", "Partitions that another replica leads than the preferred one.",
            static figures => figures.Imbalanced);
    }

    /// <summary>A controller of this silo became active.</summary>
    public void Activated(ControllerShell shell) => _active = shell;

    /// <summary>It is not any more.</summary>
    public void SteppedDown(ControllerShell shell) => Interlocked.CompareExchange(ref _active, null, shell);

    /// <summary>This silo does not hear the controller.</summary>
    public void Silent() => _silences.Add(1);

    public void Dispose() => _meter.Dispose();

    private void Observe(string name, string unit, string description, Func<ClusterFigures, long> figure) =>
        _meter.CreateObservableGauge(name, () => Figures() is { } figures ? [new Measurement<long>(figure(figures))] : Array.Empty<Measurement<long>>(), unit, description);

    /// <summary>Counted once for each image, however many gauges are read.</summary>
    private ClusterFigures? Figures()
    {
        if (_active is not { } shell)
        {
            return null;
        }

        var image = shell.Committed;
        return _figures is { } known && ReferenceEquals(known.Image, image) ? known : _figures = ClusterFigures.Of(image);
    }

    private sealed record ClusterFigures(
        MetadataImage Image, long ControllerEpoch, int ActiveBrokers, int FencedBrokers, int Topics, int Partitions, int Offline, int Imbalanced)
    {
        public static ClusterFigures Of(MetadataImage image)
        {
            int offline = 0, imbalanced = 0;
            foreach (var topic in image.Topics.Values)
            {
                foreach (var partition in topic.Partitions)
                {
                    offline += partition.HasLeader ? 0 : 1;
                    imbalanced += partition.HasLeader && partition.Leader != partition.Replicas[0] ? 1 : 0;
                }
            }

            var fenced = image.Brokers.Values.Count(broker => broker.Fenced);
            return new ClusterFigures(
                image, image.ControllerEpoch, image.Brokers.Count - fenced, fenced, image.Topics.Count, image.PartitionCount, offline, imbalanced);
        }
    }
}
