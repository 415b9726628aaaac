using Microsoft.Win32.SafeHandles;

namespace OrleansLog.Bench.References;

/// <summary>A file that is written to some length, deleted, and begun anew, as a log with short retention is: its pages are used again.</summary>
internal sealed class RingFile : IDisposable
{
    /// <summary>As the segments of the topics that it is compared to.</summary>
    public const int SegmentBytes = 16 << 20;

    /// <summary>Files kept behind the one that is written.</summary>
    private const int Kept = 7;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("olog-bench-ring-");
    private readonly Queue<string> _names = new();
    private SafeFileHandle? _file;
    private long _at;
    private int _next;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_file is null || _at + bytes.Length > SegmentBytes)
            Roll();

        RandomAccess.Write(_file!, bytes, _at);
        _at += bytes.Length;
    }

    public void Dispose()
    {
        _file?.Dispose();
        _directory.Delete(recursive: true);
    }

    private void Roll()
    {
        _file?.Dispose();
        if (_names.Count > Kept)
            File.Delete(_names.Dequeue());

        var name = Path.Combine(_directory.FullName, (_next++).ToString(System.Globalization.CultureInfo.InvariantCulture));
        _names.Enqueue(name);
        _file = File.OpenHandle(name, FileMode.CreateNew, FileAccess.Write);
        _at = 0;
    }
}
