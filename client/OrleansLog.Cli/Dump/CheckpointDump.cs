using System.Globalization;
using System.Text;

namespace OrleansLog.Cli;

/// <summary>Reads the small text files of a log directory: checkpoints (version, count, lines) and properties.</summary>
internal sealed class CheckpointDump(DumpedFile file, IDumpSink sink)
{
    private const long MaxFileBytes = 64 * 1024 * 1024;
    private const int HeaderLines = 2;

    private long _entries;
    private long _damages;

    public DumpSummary Run()
    {
        var lines = Encoding.UTF8.GetString(DumpedFileReader.ReadAll(file.Path, MaxFileBytes)).Split('\n');
        if (lines[^1].Length == 0)
        {
            lines = lines[..^1];
        }

        if (file.Kind == DumpedFileKind.Properties)
        {
            ReadProperties(lines);
        }
        else
        {
            ReadCheckpoint(lines);
        }

        return new DumpSummary(file, 0, 0, _entries, -1, -1, 0, _damages);
    }

    private void ReadProperties(string[] lines)
    {
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].Trim();
            if (line.Length == 0 || line[0] is '#' or '!')
            {
                continue;
            }

            var separator = line.AsSpan().IndexOfAny('=', ':');
            if (separator <= 0)
            {
                Fail(i, $"'{line}' is not name=value");
                continue;
            }

            Entry((line[..separator].Trim(), line[(separator + 1)..].Trim()));
        }
    }

    private void ReadCheckpoint(string[] lines)
    {
        if (lines.Length < HeaderLines || lines[0].Trim() != "0")
        {
            Fail(0, lines.Length == 0 ? "the file is empty" : $"version '{lines[0].Trim()}' is not known");
            return;
        }

        if (!int.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count != lines.Length - HeaderLines)
        {
            Fail(1, $"the second line says {lines[1].Trim()} entries, there are {lines.Length - HeaderLines}");
        }

        var (lastEpoch, lastOffset) = (-1L, -1L);
        for (var i = HeaderLines; i < lines.Length; i++)
        {
            var fields = lines[i].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (file.Kind == DumpedFileKind.OffsetCheckpoint)
            {
                OffsetLine(fields, i);
            }
            else
            {
                EpochLine(fields, i, ref lastEpoch, ref lastOffset);
            }
        }
    }

    private void OffsetLine(string[] fields, int line)
    {
        if (fields.Length == 3 && TryNumber(fields[1], out _) && TryNumber(fields[2], out _))
        {
            Entry(("topic", fields[0]), ("partition", fields[1]), ("offset", fields[2]));
        }
        else
        {
            Fail(line, $"'{string.Join(' ', fields)}' is not topic, partition and offset");
        }
    }

    private void EpochLine(string[] fields, int line, ref long lastEpoch, ref long lastOffset)
    {
        if (fields.Length != 2 || !TryNumber(fields[0], out var epoch) || !TryNumber(fields[1], out var offset))
        {
            Fail(line, $"'{string.Join(' ', fields)}' is not leader epoch and start offset");
            return;
        }

        Entry(("epoch", fields[0]), ("startOffset", fields[1]));
        if (epoch <= lastEpoch || offset < lastOffset)
        {
            Fail(line, $"epoch {epoch} from offset {offset}: epochs and offsets must rise");
        }

        (lastEpoch, lastOffset) = (epoch, offset);
    }

    private static bool TryNumber(string text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private void Entry(params (string, string)[] fields)
    {
        _entries++;
        sink.Entry(fields);
    }

    // Text files are damaged at a line, counted from 1.
    private void Fail(int line, string message)
    {
        _damages++;
        sink.Damage(file.Path, line + 1, message);
    }
}
