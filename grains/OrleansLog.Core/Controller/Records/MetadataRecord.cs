using System.Text.Json;

namespace OrleansLog.Core.Controller;

/// <summary>One change of the cluster's metadata. The metadata log is a numbered history of groups of these (D2).</summary>
public abstract record MetadataRecord;

/// <summary>
/// A record that this build does not know and whose writer marked it as optional. It is kept, also in snapshots, so that
/// a newer controller finds it again.
/// </summary>
/// <param name="Type">Its type name.</param>
/// <param name="RecordVersion">The version of its schema.</param>
/// <param name="Data">Its content, untouched.</param>
public sealed record UnknownRecord(string Type, int RecordVersion, JsonElement Data) : MetadataRecord;
