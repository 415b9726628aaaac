using System.Buffers;
using CsCheck;

namespace OrleansLog.Log.Tests;

public class IndexPropertyTests
{
    private const long BaseOffset = 5_000_000_000;

    private static readonly Gen<(int Offset, int Position, long Timestamp)[]> Entries =
        Gen.Select(Gen.Int[1, 50], Gen.Int[1, 5000], Gen.Long[0, 40]).Array[0, 200].Select(steps =>
        {
            (int offset, int position, long timestamp) = (-1, 0, -1L);
            return steps.Select(step => (offset += step.Item1, position += step.Item2, timestamp += step.Item3)).ToArray();
        });

    [Fact]
    public void The_offset_index_finds_what_a_linear_search_finds() =>
        Gen.Select(Entries, Gen.Int[-5, 12_000], Gen.Int[0, 1_200_000], Gen.Int[-5, 12_000]).Sample((entries, target, position, cut) =>
        {
            var index = new OffsetIndex(BaseOffset, ArrayPool<byte>.Shared);
            foreach ((int offset, int at, _) in entries)
                index.Append(BaseOffset + offset, at);
            AssertSame();
            index.TruncateTo(BaseOffset + cut);
            entries = [.. entries.Where(entry => entry.Offset < cut)];
            AssertSame();

            void AssertSame()
            {
                Assert.Equal(entries.LastOrDefault(entry => entry.Offset <= target).Position, index.PositionFor(BaseOffset + target));
                Assert.Equal(entries.LastOrDefault(entry => entry.Position <= position).Position, index.PositionAtOrBelow(position));
                Assert.Equal(entries.Length == 0 ? (-1L, 0) : (BaseOffset + entries[^1].Offset, entries[^1].Position), index.Last);
                Assert.Equal(index.Entries.LengthInBytes, OffsetIndex.ValidLength(index.Entries.Published, int.MaxValue));
            }
        });

    [Fact]
    public void The_time_index_keeps_growing_timestamps_and_finds_what_a_linear_search_finds() =>
        Gen.Select(Entries, Gen.Long[-5, 8000]).Sample((entries, target) =>
        {
            var index = new TimeIndex(BaseOffset, ArrayPool<byte>.Shared);
            var kept = new List<TimestampOffset>();
            foreach ((int offset, _, long timestamp) in entries)
            {
                index.MaybeAppend(new TimestampOffset(timestamp, BaseOffset + offset));
                if (timestamp >= 0 && (kept.Count == 0 || timestamp > kept[^1].TimestampMs))
                    kept.Add(new TimestampOffset(timestamp, BaseOffset + offset));
            }

            Assert.Equal(kept.Count, index.Entries.Count);
            TimestampOffset expected = kept.LastOrDefault(entry => entry.TimestampMs <= target, new TimestampOffset(-1, BaseOffset));
            Assert.Equal(expected, index.Lookup(target));
            Assert.Equal(kept.LastOrDefault(TimestampOffset.Unknown), index.Last);
        });

    [Fact]
    public void A_position_that_nobody_checked_is_never_called_verified() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 60], Gen.Int[0, 60]).Array[1, 40].Sample(steps =>
        {
            var range = new VerifiedRange();
            bool[] known = new bool[200];
            foreach ((int kind, int first, int second) in steps)
            {
                (int from, int to) = (Math.Min(first, second), Math.Max(first, second));
                if (kind == 0)
                {
                    range.TrustFrom(100 + from);
                    Array.Fill(known, true, 100 + from, 100 - from);
                }
                else if (kind == 1)
                {
                    range.CutAt(40 + from);
                    Array.Fill(known, true, 40 + from, 160 - from);
                }
                else
                {
                    range.Add(from, to);
                    Array.Fill(known, true, from, to - from);
                }

                for (int at = 0; at < 200; at += 7)
                {
                    for (int end = at + 1; end <= 200; end += 11)
                    {
                        if (range.Covers(at, end))
                            Assert.DoesNotContain(false, known[at..end]);
                    }
                }
            }
        });

    [Fact]
    public void Any_bytes_in_an_index_file_are_entries_or_damage_but_never_a_crash() =>
        Gen.Byte[0, 3].Array[0, 200].Sample(bytes =>
        {
            Assert.InRange(OffsetIndex.ValidLength(bytes, 1000), -1, bytes.Length);
            Assert.InRange(TimeIndex.ValidLength(bytes), -1, bytes.Length);
        });
}
