using OrleansLog.Log;

namespace OrleansLog.Grains.Directories;

/// <summary>
/// One checkpoint file and its offsets in memory; written only when something changed. Any thread; nobody who reads or changes an offset waits for
/// the disk.
/// </summary>
internal sealed class CheckpointTable(OffsetCheckpoint file)
{
    private readonly Lock _gate = new();
    private readonly Lock _writing = new();
    private readonly Dictionary<TopicPartitionName, long> _offsets = [];
    private readonly HashSet<TopicPartitionName> _unwritten = [];
    private readonly Dictionary<TopicPartitionName, long> _loweredFrom = [];
    private volatile bool _hasFailed;
    private long _changes;
    private long _changesWritten;

    /// <summary>The file.</summary>
    public string Path => file.Path;

    /// <summary>Whether it could not be written when it was last tried; it is tried every few seconds, and told once.</summary>
    public bool HasFailed
    {
        get => _hasFailed;
        set => _hasFailed = value;
    }

    /// <summary>Reads the file.</summary>
    /// <exception cref="CheckpointFormatException">It is not a checkpoint; the table is empty then.</exception>
    public void Read()
    {
        foreach (var (name, offset) in file.Read())
            _offsets[name] = offset;
    }

    public long Get(TopicPartitionName name)
    {
        lock (_gate)
            return _offsets.GetValueOrDefault(name);
    }

    /// <summary>The most that the file on disk can say of it: what is here is not there before it is written.</summary>
    public long HighestWritten(TopicPartitionName name)
    {
        lock (_gate)
            return Math.Max(_offsets.GetValueOrDefault(name), _loweredFrom.GetValueOrDefault(name));
    }

    public bool Contains(TopicPartitionName name)
    {
        lock (_gate)
            return _offsets.ContainsKey(name);
    }

    /// <summary>Whether the file on disk names it.</summary>
    public bool IsWritten(TopicPartitionName name)
    {
        lock (_gate)
            return _offsets.ContainsKey(name) && !_unwritten.Contains(name);
    }

    public void Set(TopicPartitionName name, long offset)
    {
        lock (_gate)
        {
            if (_offsets.TryGetValue(name, out var before) && before == offset)
                return;

            if (_offsets.TryAdd(name, offset))
            {
                _unwritten.Add(name);
            }
            else
            {
                if (before > offset)
                    _loweredFrom[name] = Math.Max(before, _loweredFrom.GetValueOrDefault(name));

                _offsets[name] = offset;
            }

            _changes++;
        }
    }

    public void Forget(TopicPartitionName name)
    {
        lock (_gate)
        {
            _unwritten.Remove(name);
            _loweredFrom.Remove(name);
            if (_offsets.Remove(name))
                _changes++;
        }
    }

    /// <summary>Replaces the file, durably, if anything changed since it was last written.</summary>
    public void WriteIfChanged()
    {
        lock (_writing)
        {
            Dictionary<TopicPartitionName, long> offsets;
            long changes;
            lock (_gate)
            {
                if (_changes == _changesWritten)
                    return;

                offsets = new(_offsets);
                changes = _changes;
            }

            file.Write(offsets);
            lock (_gate)
            {
                _changesWritten = changes;
                _unwritten.RemoveWhere(offsets.ContainsKey);
                foreach (var name in _loweredFrom.Keys.ToArray())
                {
                    if (offsets.TryGetValue(name, out var written) && _offsets[name] < written)
                        _loweredFrom[name] = written;
                    else
                        _loweredFrom.Remove(name);
                }
            }
        }
    }
}
