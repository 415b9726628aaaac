using OrleansLog.Core.Controller;

namespace OrleansLog.Grains.Tests.Controller;

/// <summary>What several controllers of a test write to.</summary>
internal sealed class InMemoryMetadataStore
{
    public List<byte[]> Versions { get; } = [];

    public MetadataEntry? Snapshot { get; set; }

    /// <summary>Called before an append takes effect; a test holds or fails it here.</summary>
    public Func<Task> BeforeAppend { get; set; } = () => Task.CompletedTask;

    /// <summary>Called after an append took effect and before its writer hears of it.</summary>
    public Func<Task> AfterAppend { get; set; } = () => Task.CompletedTask;

    public Func<Task> BeforeHeadCheck { get; set; } = () => Task.CompletedTask;

    public Func<Task> BeforeSnapshot { get; set; } = () => Task.CompletedTask;

    public InMemoryMetadataLog Open() => new(this);
}

internal sealed class InMemoryMetadataLog(InMemoryMetadataStore store) : IMetadataLog
{
    public Task<MetadataLogContents> ReadAsync(CancellationToken cancellationToken)
    {
        var first = (int)(store.Snapshot?.Version ?? 0);
        return Task.FromResult(new MetadataLogContents(
            store.Snapshot, [.. store.Versions.Skip(first).Select((payload, i) => new MetadataEntry(first + i + 1, payload))]));
    }

    public async Task<MetadataEntry?> AppendAsync(
        long expectedVersion, long controllerEpoch, IReadOnlyList<MetadataRecord> records, CancellationToken cancellationToken)
    {
        await store.BeforeAppend();
        var entry = new MetadataEntry(expectedVersion + 1, MetadataRecordCodec.Encode(expectedVersion + 1, controllerEpoch, records));
        lock (store)
        {
            if (store.Versions.Count != expectedVersion)
            {
                return null;
            }

            store.Versions.Add(entry.Payload.ToArray());
        }

        await store.AfterAppend();
        return entry;
    }

    public async Task<bool> IsHeadAsync(long version, CancellationToken cancellationToken)
    {
        await store.BeforeHeadCheck();
        return store.Versions.Count == version;
    }

    public async Task SaveSnapshotAsync(MetadataImage image, CancellationToken cancellationToken)
    {
        await store.BeforeSnapshot();
        store.Snapshot = new MetadataEntry(image.Version, MetadataRecordCodec.Encode(image.Version, image.ControllerEpoch, image.ToRecords()));
    }
}
