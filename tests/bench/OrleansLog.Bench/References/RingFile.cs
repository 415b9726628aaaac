using Microsoft.Win32.SafeHandles;

namespace OrleansLog.Bench.References;

/// <summary>A file that is written to some length, deleted, and begun anew, as a log with short retention is: its pages are used again.</summary>
internal sealed class RingFile : IDisposable
{
    /// <summary>As the segments of the topics that it is compared to.</summary>
    public const int SegmentBytes = 64 << 20;

    /// <summary>Files kept behind the one that is written.</summary>
    private const int Kept = 1;

    private readonly Queue<SafeFileHandle> _files = new();
    private SafeFileHandle? _file;
    private long _at;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_file is null || _at + bytes.Length > SegmentBytes)
            Roll();

        RandomAccess.Write(_file!, bytes, _at);
        _at += bytes.Length;
    }

    public void Dispose()
    {
        foreach (var file in _files)
            file.Dispose();
    }

    private void Roll()
    {
        if (_files.Count > Kept)
            _files.Dequeue().Dispose();

        // Without a name from the start: its blocks go when it is closed, also when this process is killed.
        var name = Path.Combine(Path.GetTempPath(), "olog-bench-ring-" + Guid.NewGuid().ToString("N"));
        _file = File.OpenHandle(name, FileMode.CreateNew, FileAccess.Write, FileShare.Delete);
        File.Delete(name);
        _files.Enqueue(_file);
        _at = 0;
    }
}
