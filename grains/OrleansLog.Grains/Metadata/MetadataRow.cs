namespace OrleansLog.Grains;

/// <summary>One stored row of the metadata log: a version, or the snapshot.</summary>
[GenerateSerializer, Alias("olog.MetadataRow")]
public sealed class MetadataRow
{
    /// <summary>The records, as <see cref="Core.Controller.MetadataRecordCodec"/> writes them; empty in a row that does not exist.</summary>
    [Id(0)] public string Json { get; set; } = "";
}
