namespace OrleansLog.TestKit;

/// <summary>A folder of a test's own, gone when the test is.</summary>
public sealed class TempDirectory : IDisposable
{
    private bool _isKept;

    public TempDirectory(string name = "test") =>
        Path = Directory.CreateTempSubdirectory($"orleanslog-{name}-").FullName;

    public string Path { get; }

    /// <summary>A path inside; its parents exist, itself it need not.</summary>
    public string Combine(params string[] parts)
    {
        var path = System.IO.Path.Combine([Path, .. parts]);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        return path;
    }

    /// <summary>It stays when the test is gone: what a failure left is its best witness. Whoever calls this says where it is.</summary>
    public void Keep() => _isKept = true;

    public override string ToString() => Path;

    public void Dispose()
    {
        if (_isKept)
        {
            return;
        }

        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // The test removed it itself.
        }
    }
}
