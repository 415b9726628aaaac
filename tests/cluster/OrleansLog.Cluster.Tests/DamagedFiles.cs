using OrleansLog.Protocol.Records;

namespace OrleansLog.Cluster.Tests;

/// <summary>Damage to the files of a broker that does not run.</summary>
internal static class DamagedFiles
{
    /// <summary>In the records of the batch that lies there: a base offset and a leader epoch are in no CRC, and batches may be small.</summary>
    public static void FlipABitInTheMiddle(string file)
    {
        var bytes = File.ReadAllBytes(file);
        ReadOnlyMemory<byte> rest = bytes;
        while (bytes.Length - rest.Length <= bytes.Length / 2)
            Assert.True(RecordBatches.TryTakeNext(ref rest, out _, out _), $"{file} ends before its middle");

        bytes[^(rest.Length + 1)] ^= 0x10;
        File.WriteAllBytes(file, bytes);
    }

    public static void CutInHalf(string file)
    {
        using var stream = File.Open(file, FileMode.Open, FileAccess.ReadWrite);
        stream.SetLength(stream.Length / 2);
    }

    /// <summary>Puts bytes that mean nothing in the place of all that are there, or where there is no such file.</summary>
    public static void Overwrite(string file, Random random)
    {
        var garbage = new byte[File.Exists(file) ? new FileInfo(file).Length : 100];
        random.NextBytes(garbage);
        File.WriteAllBytes(file, garbage);
    }
}
