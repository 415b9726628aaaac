using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace OrleansLog.Client;

/// <summary>What the SDK counts, under the meter <see cref="MeterName"/>; docs/concepts/sdk.md lists the names.</summary>
internal static class ClientMetrics
{
    public const string MeterName = "OrleansLog.Client";

    // The default bounds of a histogram are meant for milliseconds.
    private static readonly InstrumentAdvice<double> Durations = new()
    {
        HistogramBucketBoundaries = [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60],
    };

    private static readonly Meter Meter = new(MeterName);
    private static readonly Counter<long> RecordsProduced = Meter.CreateCounter<long>(
        "orleanslog.client.produced.records", "{record}", "Records that a broker has acknowledged.");
    private static readonly Counter<long> RecordsFailed = Meter.CreateCounter<long>(
        "orleanslog.client.produce.failed.records", "{record}", "Records whose delivery failed or is unknown.");
    private static readonly Counter<long> BytesConsumed = Meter.CreateCounter<long>(
        "orleanslog.client.fetched.bytes", "By", "Bytes of record batches that were fetched.");
    private static readonly Counter<long> RecordsConsumed = Meter.CreateCounter<long>(
        "orleanslog.client.consumed.records", "{record}", "Records that were delivered to the program.");
    private static readonly Counter<long> Rebalances = Meter.CreateCounter<long>(
        "orleanslog.client.group.rebalances", "{rebalance}", "Generations of a group that a member of this process became part of.");
    private static readonly Counter<long> HandledRecords = Meter.CreateCounter<long>(
        "orleanslog.client.handled.records", "{record}", "Records that a hosted consumer is done with, by outcome.");
    private static readonly Histogram<double> CommitDuration = Meter.CreateHistogram(
        "orleanslog.client.group.commit.duration", "s", "From asking for a commit to its acknowledgement, retries included.", tags: null, Durations);
    private static readonly Histogram<double> HandleDuration = Meter.CreateHistogram(
        "orleanslog.client.handle.duration", "s", "One attempt of a hosted consumer's handler.", tags: null, Durations);

    private static readonly Lock Gate = new();
    private static readonly HashSet<ConsumerCore> Consumers = [];

    static ClientMetrics() => Meter.CreateObservableGauge(
        "orleanslog.client.consumer.lag", MeasureLag, "{record}", "Records of an assigned partition that were not delivered yet, as of its last fetch.");

    public static void Produced(string topic, int records) => RecordsProduced.Add(records, new KeyValuePair<string, object?>("topic", topic));

    public static void ProduceFailed(string topic, int records) => RecordsFailed.Add(records, new KeyValuePair<string, object?>("topic", topic));

    public static void Fetched(string topic, int bytes) => BytesConsumed.Add(bytes, new KeyValuePair<string, object?>("topic", topic));

    public static void Consumed(string topic, long records) => RecordsConsumed.Add(records, new KeyValuePair<string, object?>("topic", topic));

    public static void Rebalanced(string group) => Rebalances.Add(1, new KeyValuePair<string, object?>("group", group));

    public static void Committed(string group, TimeSpan took) => CommitDuration.Record(took.TotalSeconds, new KeyValuePair<string, object?>("group", group));

    public static void Handled(string group, string topic, string outcome) =>
        HandledRecords.Add(1, new TagList { { "group", group }, { "topic", topic }, { "outcome", outcome } });

    public static void Attempted(string group, TimeSpan took) => HandleDuration.Record(took.TotalSeconds, new KeyValuePair<string, object?>("group", group));

    /// <summary>A consumer's lag is shown from now on.</summary>
    public static void Watch(ConsumerCore consumer)
    {
        lock (Gate)
            Consumers.Add(consumer);
    }

    /// <summary>It is closed.</summary>
    public static void Unwatch(ConsumerCore consumer)
    {
        lock (Gate)
            Consumers.Remove(consumer);
    }

    private static List<Measurement<long>> MeasureLag()
    {
        ConsumerCore[] consumers;
        lock (Gate)
            consumers = [.. Consumers];
        var measured = new List<Measurement<long>>();
        foreach (var consumer in consumers)
        {
            foreach (var (partition, lag) in consumer.Lags())
            {
                measured.Add(new Measurement<long>(
                    lag, new("topic", partition.Topic), new("partition", partition.Partition), new("group", consumer.Membership?.GroupId ?? "")));
            }
        }

        return measured;
    }
}
