using System.Diagnostics.Metrics;

namespace OrleansLog.Grains.Diagnostics;

/// <summary>The broker's instruments, on the meter <c>OrleansLog</c>.</summary>
internal sealed class BrokerMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "OrleansLog";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _bytesIn;
    private readonly Counter<long> _messagesIn;
    private readonly Counter<long> _batchesIn;
    private readonly Counter<long> _bytesOut;
    private readonly Counter<long> _fetches;
    private readonly Counter<long> _coldFetches;
    private readonly Counter<long> _replicationBytesIn;
    private readonly Counter<long> _replicationBytesOut;
    private readonly Counter<long> _isrShrinks;
    private readonly Counter<long> _isrExpands;
    private readonly Counter<long> _failedProduces;
    private readonly Counter<long> _duplicates;
    private readonly Counter<long> _segmentsDeleted;
    private readonly Counter<long> _scrubbedBytes;
    private readonly Counter<long> _damageFound;
    private readonly Histogram<double> _appendTime;
    private readonly Histogram<double> _flushTime;
    private readonly Histogram<double> _poolTime;

    public BrokerMetrics()
    {
        _bytesIn = _meter.CreateCounter<long>("orleanslog.bytes.in", "By", "Bytes of record batches appended.");
        _messagesIn = _meter.CreateCounter<long>("orleanslog.messages.in", "{message}", "Records appended.");
        _batchesIn = _meter.CreateCounter<long>("orleanslog.batches.in", "{batch}", "Record batches appended.");
        _bytesOut = _meter.CreateCounter<long>("orleanslog.bytes.out", "By", "Bytes of record batches read for consumers.");
        _fetches = _meter.CreateCounter<long>("orleanslog.fetches", "{fetch}", "Reads of a partition for consumers.");
        _coldFetches = _meter.CreateCounter<long>(
            "orleanslog.fetches.cold", "{fetch}", "Reads of a partition for consumers and followers that had to wait for the disk.");
        _replicationBytesIn = _meter.CreateCounter<long>("orleanslog.replication.bytes.in", "By", "Bytes of record batches fetched from leaders.");
        _replicationBytesOut = _meter.CreateCounter<long>("orleanslog.replication.bytes.out", "By", "Bytes of record batches read for followers.");
        _isrShrinks = _meter.CreateCounter<long>("orleanslog.isr.shrinks", "{change}", "Times that a partition led here lost replicas from its ISR.");
        _isrExpands = _meter.CreateCounter<long>("orleanslog.isr.expands", "{change}", "Times that a partition led here won replicas for its ISR.");
        _failedProduces = _meter.CreateCounter<long>("orleanslog.produce.failures", "{batch}", "Batches refused or not acknowledged.");
        _duplicates = _meter.CreateCounter<long>("orleanslog.produce.duplicates", "{batch}", "Batches that were stored already and answered with where they are.");
        _segmentsDeleted = _meter.CreateCounter<long>("orleanslog.log.segments.deleted", "{segment}", "Segments deleted by retention.");
        _scrubbedBytes = _meter.CreateCounter<long>("orleanslog.scrub.bytes", "By", "Bytes of segments that the background scrub has checked.");
        _damageFound = _meter.CreateCounter<long>("orleanslog.damage.found", "{place}", "Damaged places found in logs, each counted once.");
        _appendTime = _meter.CreateHistogram("orleanslog.append.duration", "s", "Time of one gathered write.", tags: null, DurationBuckets.Seconds);
        _flushTime = _meter.CreateHistogram("orleanslog.flush.duration", "s", "Time of one fsync.", tags: null, DurationBuckets.Seconds);
        _poolTime = _meter.CreateHistogram("orleanslog.threadpool.queue.duration", "s", "Time that work waits for a thread of the pool, measured each second.", tags: null, DurationBuckets.Seconds);
    }

    /// <summary>A group of batches was written.</summary>
    public void Appended(in KeyValuePair<string, object?> topic, int batches, int records, long bytes, TimeSpan duration)
    {
        _batchesIn.Add(batches, topic);
        _messagesIn.Add(records, topic);
        _bytesIn.Add(bytes, topic);
        _appendTime.Record(duration.TotalSeconds);
    }

    /// <summary>A partition was read for a consumer.</summary>
    public void Fetched(in KeyValuePair<string, object?> topic, int bytes)
    {
        _fetches.Add(1, topic);
        _bytesOut.Add(bytes, topic);
    }

    /// <summary>What a consumer or a follower wants is not in the page cache, and is read on another thread.</summary>
    public void FetchedCold(in KeyValuePair<string, object?> topic) => _coldFetches.Add(1, topic);

    /// <summary>Batches were read for a follower.</summary>
    public void Replicated(int bytes) => _replicationBytesOut.Add(bytes);

    /// <summary>Batches of a leader were appended.</summary>
    public void Followed(long bytes) => _replicationBytesIn.Add(bytes);

    /// <summary>The ISR of a partition that is led here changed.</summary>
    public void IsrChanged(bool hasShrunk) => (hasShrunk ? _isrShrinks : _isrExpands).Add(1);

    /// <summary>A batch was refused or could not be acknowledged.</summary>
    public void ProduceFailed(in KeyValuePair<string, object?> topic) => _failedProduces.Add(1, topic);

    /// <summary>An idempotent producer sent a batch again that is stored already.</summary>
    public void Duplicate(in KeyValuePair<string, object?> topic) => _duplicates.Add(1, topic);

    /// <summary>A log was synced.</summary>
    public void Flushed(TimeSpan duration) => _flushTime.Record(duration.TotalSeconds);

    /// <summary>A work item has waited for a thread of the pool.</summary>
    public void PoolWaited(TimeSpan duration) => _poolTime.Record(duration.TotalSeconds);

    /// <summary>Retention deleted segments.</summary>
    public void SegmentsDeleted(int count) => _segmentsDeleted.Add(count);

    /// <summary>A piece of a log was checked in the background.</summary>
    public void Scrubbed(in KeyValuePair<string, object?> topic, long bytes) => _scrubbedBytes.Add(bytes, topic);

    /// <summary>A damaged place was found, by whomever.</summary>
    public void DamageFound(in KeyValuePair<string, object?> topic) => _damageFound.Add(1, topic);

    /// <summary>Adds the figures that are read when somebody looks.</summary>
    public void Observe(
        Func<IEnumerable<Measurement<long>>> logSizes, Func<IEnumerable<Measurement<long>>> freeSpace, Func<IEnumerable<Measurement<int>>> full, Func<BrokerFigures> figures)
    {
        _meter.CreateObservableGauge("orleanslog.directory.free", freeSpace, "By", "Bytes that may still be written to the file system of each log directory.");
        _meter.CreateObservableGauge("orleanslog.directory.full", full, "{directory}", "1 where a log directory refuses records because its disk is full.");
        _meter.CreateObservableGauge("orleanslog.log.size", logSizes, "By", "Bytes of the log segments of each topic here.");
        _meter.CreateObservableGauge("orleanslog.partitions", () => figures().Partitions, "{partition}", "Replicas on this broker.");
        _meter.CreateObservableGauge("orleanslog.partitions.leader", () => figures().Leaders, "{partition}", "Partitions that this broker leads.");
        _meter.CreateObservableGauge("orleanslog.partitions.offline", () => figures().Offline, "{partition}", "Replicas here whose log cannot be used.");
        _meter.CreateObservableGauge(
            "orleanslog.partitions.underreplicated", () => figures().UnderReplicated, "{partition}", "Partitions led here with a replica out of sync.");
        _meter.CreateObservableGauge("orleanslog.directories.offline", () => figures().OfflineDirectories, "{directory}", "Log directories that failed.");
        _meter.CreateObservableGauge("orleanslog.metadata.version", () => figures().MetadataVersion, "{version}", "Metadata version that is applied here.");
        _meter.CreateObservableGauge("orleanslog.append.queue", () => figures().QueuedBytes, "By", "Bytes that wait for the disk.");
        _meter.CreateObservableGauge("orleanslog.fetch.waiting", () => figures().FetchesWaiting, "{fetch}", "Fetches that wait for records.");
        _meter.CreateObservableGauge("orleanslog.fetch.memory", () => figures().FetchBytes, "By", "Memory of answers to fetches that are not sent yet.");
    }

    public void Dispose() => _meter.Dispose();
}

/// <summary>Figures of a broker at one moment.</summary>
internal readonly record struct BrokerFigures(
    int Partitions, int Leaders, int Offline, int UnderReplicated, int OfflineDirectories, long QueuedBytes, long MetadataVersion,
    int FetchesWaiting, long FetchBytes);
