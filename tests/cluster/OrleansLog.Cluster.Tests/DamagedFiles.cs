namespace OrleansLog.Cluster.Tests;

/// <summary>Damage to the files of a broker that does not run.</summary>
internal static class DamagedFiles
{
    public static void FlipABitInTheMiddle(string file)
    {
        using var stream = File.Open(file, FileMode.Open, FileAccess.ReadWrite);
        stream.Position = stream.Length / 2;
        var value = stream.ReadByte();
        stream.Position--;
        stream.WriteByte((byte)(value ^ 0x10));
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
