using System.Text;
using Orleans.Storage;
using OrleansLog.Grains;

namespace OrleansLog.Hosting;

/// <summary>Stores metadata rows as the JSON that they are, readable with any SQLite tool.</summary>
internal sealed class MetadataRowSerializer : IGrainStorageSerializer
{
    public BinaryData Serialize<T>(T? input) => input is MetadataRow row
        ? new BinaryData(Encoding.UTF8.GetBytes(row.Json))
        : throw new NotSupportedException($"{typeof(T)} does not belong into the storage {GrainStorageMetadataLog.StorageName}");

    public T Deserialize<T>(BinaryData input) => new MetadataRow { Json = Encoding.UTF8.GetString(input) } is T row
        ? row
        : throw new NotSupportedException($"{typeof(T)} does not belong into the storage {GrainStorageMetadataLog.StorageName}");
}
