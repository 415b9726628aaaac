using System.Globalization;

namespace OrleansLog.Log;

/// <summary>
/// Damage that the files alone would not show again: records that are missing at a batch boundary look like the holes that
/// cleaning leaves. Kept beside the segments in <c>orleanslog.quarantine</c>, a line per range: segment, position, end
/// position, first and next offset, kind.
/// </summary>
internal static class QuarantineFile
{
    internal readonly record struct Entry(long SegmentBaseOffset, SegmentDamage Damage);

    /// <summary>The entries; null where the file cannot be understood and everything has to be scanned.</summary>
    internal static IReadOnlyList<Entry>? TryRead(IDisk disk, string directory)
    {
        string path = Path.Combine(directory, SegmentFiles.Quarantine);
        try
        {
            var entries = new List<Entry>();
            string? text = AtomicFile.TryRead(disk, path);
            if (text is null)
                return entries;
            foreach ((int line, string[] fields) in CheckpointText.Parse(path, text, fieldsPerLine: 6))
            {
                long Number(int field) => CheckpointText.Number(path, line, fields[field]);
                if (!Enum.TryParse(fields[5], out DamageKind kind))
                    return null;
                entries.Add(new Entry(Number(0), new SegmentDamage(kind, Number(1), Number(2), Number(3), Number(4))));
            }

            return entries;
        }
        catch (CheckpointFormatException)
        {
            return null;
        }
    }

    /// <summary>Writes what the segments know to be damaged, durably; removes the file where that is nothing.</summary>
    internal static void Write(IDisk disk, string directory, IReadOnlyList<LogSegment> segments)
    {
        string path = Path.Combine(directory, SegmentFiles.Quarantine);
        Entry[] entries = [.. segments.SelectMany(segment => segment.Damage.Select(damage => new Entry(segment.BaseOffset, damage)))];
        if (entries.Length > 0)
        {
            AtomicFile.Write(disk, path, CheckpointText.Format(entries, static (text, entry) => text.Append(
                CultureInfo.InvariantCulture,
                $"{entry.SegmentBaseOffset} {entry.Damage.Position} {entry.Damage.EndPosition} {entry.Damage.FromOffset} {entry.Damage.ToOffset} {entry.Damage.Kind}")));
        }
        else if (disk.FileExists(path))
        {
            disk.Delete(path);
            disk.SyncDirectory(directory);
        }
    }
}
