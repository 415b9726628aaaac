using OrleansLog.Protocol;

namespace OrleansLog.Core.Groups;

/// <summary>A committed offset as its record has it.</summary>
/// <param name="Offset">Next offset to be read.</param>
/// <param name="LeaderEpoch">Leader epoch of the last record read, or -1.</param>
/// <param name="Metadata">The client's note.</param>
/// <param name="CommitUnixMs">Wall clock of the commit.</param>
/// <param name="ExpireUnixMs">When it expires by the client's wish (requests of versions 2 to 4), or -1.</param>
/// <param name="TopicId">Topic id where the client named it, or zero.</param>
internal readonly record struct StoredOffset(long Offset, int LeaderEpoch, string Metadata, long CommitUnixMs, long ExpireUnixMs, Uuid TopicId);
