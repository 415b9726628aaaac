using System.Buffers.Binary;
using OrleansLog.Kafka.Tests.Golden;

namespace OrleansLog.Kafka.Tests.Hostile;

/// <summary>Breaks what real clients sent: the corpus is every recorded request of tests/golden/frames, without its size.</summary>
internal static class Mutator
{
    private static readonly int[] Edges = [0, 1, -1, -2, 127, 128, 255, 32_767, -32_768, 65_535, 1_000_000, 100_000_000, int.MaxValue, int.MinValue];

    /// <summary>The recorded requests, each distinct one once.</summary>
    public static IReadOnlyList<RecordedExchange> Corpus { get; } =
        [.. RecordedExchange.Clients.SelectMany(RecordedExchange.Of).DistinctBy(static one => Convert.ToHexString(one.Request.AsSpan(8)) + one.Key + one.Version)];

    /// <summary>A recorded request, mostly broken. The header's first bytes mostly stay, or nearly everything would end there.</summary>
    public static byte[] Request(Random random)
    {
        var bytes = Corpus[random.Next(Corpus.Count)].Request.ToArray();
        if (random.Next(16) == 0)
            BinaryPrimitives.WriteInt16BigEndian(bytes.AsSpan(2), (short)random.Next(-2, 20));

        return Break(bytes, random.Next(12) == 0 ? 0 : 8, random);
    }

    /// <summary>The bytes with none to four changes behind <paramref name="from"/>.</summary>
    public static byte[] Break(byte[] bytes, int from, Random random)
    {
        for (var left = random.Next(random.Next(4) == 0 ? 5 : 3); left > 0 && bytes.Length > from + 1; left--)
            bytes = BreakOnce(bytes, random.Next(from, bytes.Length), random);

        return bytes;
    }

    /// <summary>The bytes behind their size; now and then a size that is wrong.</summary>
    public static byte[] Framed(byte[] bytes, Random random)
    {
        var frame = new byte[sizeof(int) + bytes.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, random.Next(64) == 0 ? Edges[random.Next(Edges.Length)] : bytes.Length);
        bytes.CopyTo(frame, sizeof(int));
        return frame;
    }

    private static byte[] BreakOnce(byte[] bytes, int at, Random random)
    {
        switch (random.Next(9))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 1:
                bytes[at] = (byte)random.Next(256);
                return bytes;
            case 2 when at + sizeof(int) <= bytes.Length:
                BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(at), Edges[random.Next(Edges.Length)]);
                return bytes;
            case 3 when at + sizeof(short) <= bytes.Length:
                BinaryPrimitives.WriteInt16BigEndian(bytes.AsSpan(at), (short)Edges[random.Next(Edges.Length)]);
                return bytes;
            case 4:
                return bytes[..at];
            case 5:
                var more = new byte[random.Next(1, 64)];
                random.NextBytes(more);
                return [.. bytes[..at], .. more, .. bytes[at..]];
            case 6:
                var end = Math.Min(bytes.Length, at + random.Next(1, 64));
                return [.. bytes[..at], .. bytes[end..]];
            case 7:
                var other = Corpus[random.Next(Corpus.Count)].Request;
                return [.. bytes[..at], .. other[random.Next(other.Length)..]];
            default:
                // A compact length of five bytes, as large as it gets.
                return [.. bytes[..at], 0xff, 0xff, 0xff, 0xff, 0x0f, .. bytes[at..]];
        }
    }
}
