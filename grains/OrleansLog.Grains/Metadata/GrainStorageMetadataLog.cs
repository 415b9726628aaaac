using System.Text;
using Orleans.Runtime;
using Orleans.Storage;
using OrleansLog.Core.Controller;

namespace OrleansLog.Grains;

/// <summary>
/// The metadata log in Orleans grain storage (D3): a ring of rows, version v in row v modulo <see cref="RingSize"/>, and a row
/// with the newest snapshot.
/// </summary>
/// <remarks>
/// A row is only ever replaced by the version that is <see cref="RingSize"/> later, under the row's ETag, and only when a snapshot
/// covers what it held. So one writer wins each version, a writer that slept for any time loses (a row that was deleted
/// and written anew could not tell it so), and the log never grows. The first round of the ring inserts; storages that let two racing first
/// writes succeed need a unique index.
/// </remarks>
public sealed class GrainStorageMetadataLog : IMetadataLog
{
    /// <summary>Name of the grain storage that the log is kept in.</summary>
    public const string StorageName = "orleanslog-metadata";

    /// <summary>Rows of the ring: how many versions there can be after a snapshot.</summary>
    public const int RingSize = 1024;

    private const int ReadAttempts = 5;
    private const string VersionState = "version";
    private const string SnapshotState = "snapshot";
    private static readonly GrainType LogType = GrainType.Create("orleanslog.metadata");

    private readonly IGrainStorage _storage;
    private readonly int _ringSize;
    private long _snapshotVersion;
    private string? _snapshotETag;
    private long _peekedVersion = -1;
    private string? _peekedETag;

    /// <summary>Creates the log of one controller activation.</summary>
    public GrainStorageMetadataLog(IGrainStorage storage)
        : this(storage, RingSize)
    {
    }

    internal GrainStorageMetadataLog(IGrainStorage storage, int ringSize)
    {
        _storage = storage;
        _ringSize = ringSize;
    }

    /// <inheritdoc/>
    public async Task<MetadataLogContents> ReadAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < ReadAttempts; attempt++)
        {
            var snapshot = await ReadSnapshotAsync(cancellationToken);
            var entries = new List<MetadataEntry>();
            for (var version = _snapshotVersion + 1; ; version++)
            {
                var row = await ReadRowAsync(VersionState, SlotOf(version), cancellationToken);
                var stored = VersionOf(row, version);
                if (stored < version)
                {
                    Remember(version, row.ETag);
                    return new MetadataLogContents(snapshot, entries);
                }

                if (stored > version)
                {
                    // Another controller went once around the ring while this one read.
                    break;
                }

                entries.Add(EntryOf(version, row));
            }
        }

        throw new MetadataFormatException(
            $"the metadata log goes on past its snapshot of version {_snapshotVersion}, and the versions between are gone; restore the metadata storage from a backup");
    }

    /// <inheritdoc/>
    public async Task<MetadataEntry?> AppendAsync(
        long expectedVersion, long controllerEpoch, IReadOnlyList<MetadataRecord> records, CancellationToken cancellationToken)
    {
        var version = expectedVersion + 1;
        if (version - _snapshotVersion > _ringSize)
        {
            throw new InvalidOperationException($"metadata version {version} needs a snapshot first: the last one is of version {_snapshotVersion}");
        }

        if (_peekedVersion != version && !await IsHeadAsync(expectedVersion, cancellationToken))
        {
            return null;
        }

        var payload = MetadataRecordCodec.Encode(version, controllerEpoch, records);
        var row = new GrainState<MetadataRow>(new MetadataRow { Json = Encoding.UTF8.GetString(payload) }, _peekedETag!)
        {
            RecordExists = _peekedETag is not null,
        };
        _peekedVersion = -1;
        try
        {
            await _storage.WriteStateAsync(VersionState, SlotOf(version), row).WaitAsync(cancellationToken);
        }
        catch (InconsistentStateException)
        {
            return null;
        }

        return new MetadataEntry(version, payload);
    }

    /// <inheritdoc/>
    public async Task<bool> IsHeadAsync(long version, CancellationToken cancellationToken)
    {
        var next = version + 1;
        var row = await ReadRowAsync(VersionState, SlotOf(next), cancellationToken);
        if (VersionOf(row, next) >= next)
        {
            return false;
        }

        Remember(next, row.ETag);
        return true;
    }

    /// <inheritdoc/>
    public async Task SaveSnapshotAsync(MetadataImage image, CancellationToken cancellationToken)
    {
        if (image.Version <= _snapshotVersion)
        {
            return;
        }

        var payload = await Task.Run(() => MetadataRecordCodec.Encode(image.Version, image.ControllerEpoch, image.ToRecords()), cancellationToken);
        var row = new GrainState<MetadataRow>(new MetadataRow { Json = Encoding.UTF8.GetString(payload) }, _snapshotETag!)
        {
            RecordExists = _snapshotETag is not null,
        };
        try
        {
            await _storage.WriteStateAsync(SnapshotState, SnapshotRow, row).WaitAsync(cancellationToken);
            _snapshotETag = row.ETag;
            _snapshotVersion = image.Version;
        }
        catch (InconsistentStateException)
        {
            // Another controller saved one meanwhile. Ours is as true; keep the ETag that lets the next one through.
            await ReadSnapshotAsync(cancellationToken);
        }
    }

    private static GrainId SnapshotRow => GrainId.Create(LogType, GrainIdKeyExtensions.CreateIntegerKey(0));

    private GrainId SlotOf(long version) => GrainId.Create(LogType, GrainIdKeyExtensions.CreateIntegerKey(version % _ringSize));

    private long VersionOf(GrainState<MetadataRow> row, long expected)
    {
        if (string.IsNullOrEmpty(row.State?.Json))
        {
            return 0;
        }

        var stored = MetadataRecordCodec.ReadVersion(Encoding.UTF8.GetBytes(row.State.Json));
        return stored % _ringSize == expected % _ringSize
            ? stored
            : throw new MetadataFormatException($"the row of metadata version {expected} holds version {stored}");
    }

    private static MetadataEntry EntryOf(long version, GrainState<MetadataRow> row) => new(version, Encoding.UTF8.GetBytes(row.State!.Json));

    private async Task<MetadataEntry?> ReadSnapshotAsync(CancellationToken cancellationToken)
    {
        var row = await ReadRowAsync(SnapshotState, SnapshotRow, cancellationToken);
        _snapshotETag = row.ETag;
        if (string.IsNullOrEmpty(row.State?.Json))
        {
            _snapshotVersion = 0;
            return null;
        }

        _snapshotVersion = MetadataRecordCodec.ReadVersion(Encoding.UTF8.GetBytes(row.State.Json));
        return EntryOf(_snapshotVersion, row);
    }

    private async Task<GrainState<MetadataRow>> ReadRowAsync(string state, GrainId id, CancellationToken cancellationToken)
    {
        var row = new GrainState<MetadataRow>(new MetadataRow());
        await _storage.ReadStateAsync(state, id, row).WaitAsync(cancellationToken);
        return row;
    }

    private void Remember(long version, string? etag)
    {
        _peekedVersion = version;
        _peekedETag = etag;
    }
}
