using System.Collections.Concurrent;
using System.Globalization;
using Orleans.Runtime;
using Orleans.Storage;

namespace OrleansLog.Testing.Internals;

/// <summary>Keeps the cluster's metadata between the starts of one test broker: a row for each key, each write under its ETag.</summary>
internal sealed class MemoryStorage : IGrainStorage
{
    private readonly ConcurrentDictionary<(string State, GrainId Id), Row> _rows = new();

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (_rows.TryGetValue((stateName, grainId), out var row))
        {
            grainState.State = (T)row.State;
            grainState.ETag = row.ETag;
            grainState.RecordExists = true;
        }
        else
        {
            grainState.ETag = null;
            grainState.RecordExists = false;
        }

        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = (stateName, grainId);
        var before = _rows.GetValueOrDefault(key);
        var next = new Row(grainState.State!, (before?.Number ?? 0) + 1);
        var isWritten = before?.ETag == grainState.ETag && (before is null ? _rows.TryAdd(key, next) : _rows.TryUpdate(key, next, before));
        if (!isWritten)
            throw new InconsistentStateException($"{stateName} of {grainId} was written by another", before?.ETag ?? "none", grainState.ETag ?? "none");

        grainState.ETag = next.ETag;
        grainState.RecordExists = true;
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        _rows.TryRemove((stateName, grainId), out _);
        grainState.ETag = null;
        grainState.RecordExists = false;
        return Task.CompletedTask;
    }

    /// <summary>A row; a class, so that it is replaced only where it is the very one that was read.</summary>
    private sealed class Row(object state, long number)
    {
        public object State => state;

        public long Number => number;

        public string ETag { get; } = number.ToString(CultureInfo.InvariantCulture);
    }
}
