using OrleansLog.Protocol.Records;

namespace OrleansLog.Bench;

/// <summary>Record batches of about a given size, made before the clock runs.</summary>
internal static class Batches
{
    /// <summary>A batch of 100-byte records that is about <paramref name="bytes"/> long.</summary>
    public static byte[] Make(int bytes, int recordBytes = 100)
    {
        var value = new byte[recordBytes];
        new Random(1).NextBytes(value);
        using var builder = new RecordBatchBuilder(new RecordBatchBuilderOptions { CapacityBytes = bytes });
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        while (builder.TryAppend(now, default, keyIsNull: true, value, valueIsNull: false))
        {
        }

        return builder.Build().ToArray();
    }
}
