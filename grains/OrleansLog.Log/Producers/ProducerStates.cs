using OrleansLog.Protocol.Records;

namespace OrleansLog.Log;

/// <summary>
/// The producers of one partition (K5): what tells a batch that was sent again from a new one. Belongs to the log's one writer.
/// Costs nothing for batches without producer id, and allocates only for a producer that is new.
/// </summary>
/// <remarks>
/// <see cref="Check"/> looks ahead: a group is checked batch by batch, each with those before it, and nothing of it counts until
/// the log appends it. An append that fails sets back what it changed.
/// </remarks>
public sealed class ProducerStates
{
    /// <summary>After opening or a truncation, nobody is forgotten for an hour, however old the timestamps of their records are.</summary>
    private const long GraceMs = 3_600_000;

    private readonly Dictionary<long, ProducerState> _byId = [];
    private readonly List<ProducerState> _planned = [];
    private readonly List<(ProducerState State, ProducerEntry Before, long LastSeenMs)> _undo = [];
    private readonly int _maxProducers;
    private long _restoredMs;
    private long _nowMs;
    private ProducerState? _oldest;
    private ProducerState? _newest;
    private long _group;
    private long _append;

    internal ProducerStates(int maxProducers, long nowMs)
    {
        _maxProducers = maxProducers;
        _nowMs = _restoredMs = nowMs;
    }

    /// <summary>How many producers are known.</summary>
    public int Count => _byId.Count;

    /// <summary>How many were forgotten to keep within the bound.</summary>
    public long Evicted { get; private set; }

    internal IEnumerable<ProducerState> All => _byId.Values;

    /// <summary>Begins a group of batches that will be appended together, or not at all.</summary>
    public void BeginGroup()
    {
        _group++;
        foreach (ProducerState state in _planned)
        {
            // Made for a batch that never came into the log.
            if (!state.Entry.IsKnown && _byId.GetValueOrDefault(state.ProducerId) == state)
                Remove(state);
        }

        _planned.Clear();
    }

    /// <summary>Whether a batch with a producer id may join the group, as its leader asks before the append.</summary>
    /// <param name="header">The batch as it came; its offset does not matter.</param>
    /// <param name="baseOffset">The offset that it gets if it is appended.</param>
    public ProducerCheck Check(in RecordBatchHeader header, long baseOffset)
    {
        ProducerState state = GetOrAdd(header.ProducerId);
        if (state.CheckedIn != _group)
        {
            state.Planned = state.Entry;
            state.CheckedIn = _group;
            _planned.Add(state);
        }

        ProducerCheck check = state.Planned.Check(header);
        if (check is { Error: Protocol.ErrorCode.None, IsDuplicate: false })
            state.Planned.Add(header with { BaseOffset = baseOffset });
        return check;
    }

    /// <summary>
    /// Whether a batch that was just checked leaves sequences out, and its producer has nothing at or behind an offset: so that all
    /// it has sent since may have been refused, and not the log have lost something.
    /// </summary>
    /// <param name="header">The batch as it came.</param>
    /// <param name="offset">Where the leadership began.</param>
    public bool IsFirstAndAhead(in RecordBatchHeader header, long offset) =>
        _byId.TryGetValue(header.ProducerId, out ProducerState? state) && state.CheckedIn == _group
        && state.Planned.Last.LastOffset < offset && state.Planned.IsGapBefore(header);

    /// <summary>Forgets producers that have not written for a while, unless they have a transaction open.</summary>
    /// <param name="nowMs">The time, in milliseconds since the Unix epoch.</param>
    /// <param name="expirationMs"><c>producer.id.expiration.ms</c>.</param>
    /// <returns>How many.</returns>
    public int Expire(long nowMs, long expirationMs)
    {
        _nowMs = nowMs;
        if (nowMs - _restoredMs < Math.Min(GraceMs, expirationMs))
            return 0;
        int before = Count;
        for (ProducerState? state = _oldest; state is not null;)
        {
            ProducerState? next = state.Newer;
            if (state.Entry.TransactionFirstOffset < 0 && nowMs - state.LastSeenMs >= expirationMs)
                Remove(state);
            state = next;
        }

        return before - Count;
    }

    /// <summary>Begins an append; what it changes can be set back.</summary>
    internal void BeginAppend(long nowMs)
    {
        _nowMs = nowMs;
        _append++;
        _undo.Clear();
    }

    /// <summary>A batch with a producer id was written.</summary>
    /// <param name="header">Its header.</param>
    /// <param name="marker">The coordinator epoch of the marker in it, where it is a control batch.</param>
    internal void Apply(in RecordBatchHeader header, int? marker) => Apply(header, marker, _nowMs);

    /// <summary>The same for a batch that was found in the log, written some time before.</summary>
    internal void Recover(in RecordBatchHeader header, int? marker) => Apply(header, marker, Math.Min(_nowMs, header.MaxTimestamp));

    private void Apply(in RecordBatchHeader header, int? marker, long seenMs)
    {
        if (header.IsControl && marker is null)
            return;
        ProducerState state = GetOrAdd(header.ProducerId);
        if (state.ChangedIn != _append)
        {
            state.ChangedIn = _append;
            _undo.Add((state, state.Entry, state.LastSeenMs));
        }

        if (marker is { } coordinatorEpoch)
            state.Entry.End(header, coordinatorEpoch);
        else
            state.Entry.Add(header);
        state.LastSeenMs = seenMs;
        MakeNewest(state);
    }

    /// <summary>The append failed: everything is as it was before it.</summary>
    internal void Undo()
    {
        foreach ((ProducerState state, ProducerEntry before, long lastSeenMs) in _undo)
        {
            state.Entry = before;
            state.LastSeenMs = lastSeenMs;
            if (!before.IsKnown && _byId.GetValueOrDefault(state.ProducerId) == state)
                Remove(state);
        }

        _undo.Clear();
    }

    /// <summary>Empties the table, to be filled from the log again.</summary>
    internal void Clear()
    {
        _restoredMs = _nowMs;
        _byId.Clear();
        _planned.Clear();
        _undo.Clear();
        _oldest = _newest = null;
    }

    /// <summary>Takes over what a snapshot says.</summary>
    internal void Restore(long producerId, in ProducerEntry entry)
    {
        ProducerState state = GetOrAdd(producerId);
        state.Entry = entry;
        state.LastSeenMs = Math.Min(_nowMs, entry.LastTimestampMs);
    }

    /// <summary>Fills in a batch from before the snapshot that was restored.</summary>
    internal void RestoreBefore(in RecordBatchHeader header)
    {
        if (_byId.TryGetValue(header.ProducerId, out ProducerState? state))
            state.Entry.AddBeforeLast(header);
    }

    private ProducerState GetOrAdd(long producerId)
    {
        if (_byId.TryGetValue(producerId, out ProducerState? state))
            return state;
        while (_byId.Count >= _maxProducers && _oldest is { } oldest)
        {
            Remove(oldest);
            Evicted++;
        }

        state = new ProducerState(producerId);
        _byId.Add(producerId, state);
        Link(state);
        return state;
    }

    private void MakeNewest(ProducerState state)
    {
        if (_newest == state)
            return;
        Unlink(state);
        Link(state);
    }

    private void Remove(ProducerState state)
    {
        _byId.Remove(state.ProducerId);
        Unlink(state);
    }

    private void Link(ProducerState state)
    {
        state.Older = _newest;
        if (_newest is { } newest)
            newest.Newer = state;
        else
            _oldest = state;
        _newest = state;
    }

    private void Unlink(ProducerState state)
    {
        if (state.Older is { } older)
            older.Newer = state.Newer;
        else
            _oldest = state.Newer;
        if (state.Newer is { } newer)
            newer.Older = state.Older;
        else
            _newest = state.Older;
        state.Older = state.Newer = null;
    }
}
