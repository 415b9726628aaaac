namespace OrleansLog.Core.Controller;

/// <summary>One version of the metadata log: decisions that became true together.</summary>
/// <param name="Version">Its number; each is the one before plus one.</param>
/// <param name="ControllerEpoch">Epoch of the controller that wrote it.</param>
/// <param name="Records">Its records, in order.</param>
public sealed record MetadataBatch(long Version, long ControllerEpoch, IReadOnlyList<MetadataRecord> Records);
