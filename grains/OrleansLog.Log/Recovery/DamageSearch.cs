using System.Buffers.Binary;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Log;

/// <summary>Looks behind damage for the next good batch: the difference between a torn tail and corruption (D15).</summary>
internal static class DamageSearch
{
    private const int WindowBytes = 64 * 1024;
    private const int MagicAt = 16;

    /// <summary>
    /// The position of the first batch from a position on that is whole, has a good CRC, and whose offsets may stand there; -1
    /// if there is none.
    /// </summary>
    internal static long NextGoodBatch(
        LogEnvironment environment, IDiskFile file, long from, long end, long minOffset, long segmentBaseOffset, out RecordBatchHeader header)
    {
        byte[] buffer = environment.Buffers.Rent(WindowBytes);
        try
        {
            while (end - from >= RecordBatchHeader.Size)
            {
                int read = file.Read(from, buffer.AsSpan(0, (int)Math.Min(WindowBytes, end - from)));
                if (read < RecordBatchHeader.Size)
                    break;
                ReadOnlySpan<byte> window = buffer.AsSpan(0, read);
                int last = read - RecordBatchHeader.Size;
                for (int at = NextCandidate(window, 0); at <= last; at = NextCandidate(window, at + 1))
                {
                    if (RecordBatchHeader.TryRead(window[at..], out header)
                        && BatchScanner.IsPlausible(header, end - from - at)
                        && header.BaseOffset >= minOffset && BatchScanner.IsInReach(header, segmentBaseOffset)
                        && HasGoodCrc(environment, file, from + at, end, header))
                        return from + at;
                }

                from += last + 1;
            }

            header = default;
            return -1;
        }
        finally
        {
            environment.Buffers.Return(buffer);
        }
    }

    // A batch's 17th byte is its magic, 2; offsets of int64 begin with zeros in any log that will ever be.
    private static int NextCandidate(ReadOnlySpan<byte> window, int from)
    {
        while (from + MagicAt < window.Length)
        {
            int step = window[(from + MagicAt)..].IndexOf((byte)2);
            if (step < 0)
                break;
            from += step;
            if (BinaryPrimitives.ReadInt16BigEndian(window[from..]) == 0)
                return from;
            from++;
        }

        return int.MaxValue - 1;
    }

    private static bool HasGoodCrc(LogEnvironment environment, IDiskFile file, long position, long end, in RecordBatchHeader header)
    {
        using var scanner = new BatchScanner(environment, file, position, end, header.BaseOffset, verifyCrc: true);
        return scanner.Next() == ScanStep.Batch;
    }
}
