using System.Diagnostics.CodeAnalysis;
using OrleansLog.Core.Controller;

namespace OrleansLog.Grains;

/// <summary>What a broker misses: a snapshot or nothing, and the versions after it.</summary>
/// <param name="Snapshot">Where to start, or null to go on from what is applied.</param>
/// <param name="Entries">Versions in order.</param>
internal sealed record MetadataTailPage(MetadataEntry? Snapshot, MetadataEntry[] Entries)
{
    public static readonly MetadataTailPage Empty = new(null, []);
}

/// <summary>The newest persisted versions in memory, for the brokers that follow; the controller's lock guards it.</summary>
internal sealed class MetadataTail
{
    private const int MaxEntries = 1024;
    private const long MaxBytes = 16 * 1024 * 1024;
    private const int MaxPageBytes = 1024 * 1024;

    private readonly List<MetadataEntry> _entries = [];
    private long _bytes;
    private MetadataEntry? _snapshot;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the next version, or when the controller steps down.</summary>
    public Task Changed => Volatile.Read(ref _changed).Task;

    public void Add(MetadataEntry entry)
    {
        _entries.Add(entry);
        _bytes += entry.Payload.Length;
        var drop = 0;
        while (_entries.Count - drop > 1 && (_entries.Count - drop > MaxEntries || _bytes > MaxBytes))
        {
            _bytes -= _entries[drop++].Payload.Length;
        }

        // Dropped by the quarter, so that a full list does not move with every version.
        if (drop > 0)
        {
            var more = Math.Min(_entries.Count - 1, Math.Max(drop, MaxEntries / 4));
            for (var i = drop; i < more; i++)
            {
                _bytes -= _entries[i].Payload.Length;
            }

            _entries.RemoveRange(0, more);
        }
    }

    public void Signal() =>
        Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    /// <summary>A page for a broker that has applied a version; false when it misses nothing.</summary>
    public bool TryRead(long appliedVersion, MetadataImage committed, [NotNullWhen(true)] out MetadataTailPage? page)
    {
        if (appliedVersion >= committed.Version)
        {
            page = null;
            return false;
        }

        var first = _entries.Count == 0 ? long.MaxValue : _entries[0].Version;
        if (appliedVersion + 1 < first)
        {
            if (_snapshot?.Version != committed.Version)
            {
                _snapshot = new MetadataEntry(
                    committed.Version, MetadataRecordCodec.Encode(committed.Version, committed.ControllerEpoch, committed.ToRecords()));
            }

            page = new MetadataTailPage(_snapshot, []);
            return true;
        }

        var from = (int)(appliedVersion + 1 - first);
        var count = 0;
        for (var bytes = 0; from + count < _entries.Count && (count == 0 || bytes + _entries[from + count].Payload.Length <= MaxPageBytes); count++)
        {
            bytes += _entries[from + count].Payload.Length;
        }

        page = new MetadataTailPage(null, [.. _entries.GetRange(from, count)]);
        return true;
    }
}
