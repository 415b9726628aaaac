using OrleansLog.Core.Controller;

namespace OrleansLog.Grains;

/// <summary>
/// The numbered history of the cluster's metadata (D2). The controller is its only writer; what makes that true is the
/// log itself: a version is written once, and whoever comes second is told so.
/// </summary>
/// <remarks>One instance belongs to one controller activation and is called by it one call at a time.</remarks>
public interface IMetadataLog
{
    /// <summary>Reads the newest snapshot and every version after it.</summary>
    /// <exception cref="MetadataFormatException">The log is damaged or from a newer build.</exception>
    Task<MetadataLogContents> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Appends one version.</summary>
    /// <param name="expectedVersion">The head that the caller decided on; the new version is one more.</param>
    /// <param name="controllerEpoch">The caller's controller epoch.</param>
    /// <param name="records">What became true together.</param>
    /// <param name="cancellationToken">Ends the wait; the outcome is then unknown.</param>
    /// <returns>The stored bytes, or null when the race was lost: another controller wrote that version.</returns>
    /// <remarks>An exception means that the outcome is unknown: forget everything and read again.</remarks>
    Task<MetadataEntry?> AppendAsync(
        long expectedVersion,
        long controllerEpoch,
        IReadOnlyList<MetadataRecord> records,
        CancellationToken cancellationToken);

    /// <summary>True while nobody has written past <paramref name="version"/>.</summary>
    Task<bool> IsHeadAsync(long version, CancellationToken cancellationToken);

    /// <summary>Keeps an image so that the versions before it are no longer needed.</summary>
    Task SaveSnapshotAsync(MetadataImage image, CancellationToken cancellationToken);
}

/// <summary>What a metadata log holds.</summary>
/// <param name="Snapshot">The newest snapshot, or null.</param>
/// <param name="Entries">Every version after it, in order.</param>
public sealed record MetadataLogContents(MetadataEntry? Snapshot, IReadOnlyList<MetadataEntry> Entries);
