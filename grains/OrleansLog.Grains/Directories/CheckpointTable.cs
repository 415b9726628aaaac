using OrleansLog.Log;

namespace OrleansLog.Grains.Directories;

/// <summary>One checkpoint file and its offsets in memory; written only when something changed. The directory's lock guards it.</summary>
internal sealed class CheckpointTable(OffsetCheckpoint file)
{
    private readonly Dictionary<TopicPartitionName, long> _offsets = [];
    private bool _isDirty;

    /// <summary>The file.</summary>
    public string Path => file.Path;

    /// <summary>Reads the file.</summary>
    /// <exception cref="CheckpointFormatException">It is not a checkpoint; the table is empty then.</exception>
    public void Read()
    {
        foreach (var (name, offset) in file.Read())
            _offsets[name] = offset;
    }

    public long Get(TopicPartitionName name) => _offsets.GetValueOrDefault(name);

    public bool Contains(TopicPartitionName name) => _offsets.ContainsKey(name);

    public void Set(TopicPartitionName name, long offset)
    {
        if (_offsets.TryGetValue(name, out var before) && before == offset)
            return;

        _offsets[name] = offset;
        _isDirty = true;
    }

    public void Forget(TopicPartitionName name) => _isDirty |= _offsets.Remove(name);

    /// <summary>Replaces the file, durably, if anything changed since it was last written.</summary>
    public void WriteIfChanged()
    {
        if (!_isDirty)
            return;

        file.Write(_offsets);
        _isDirty = false;
    }
}
