namespace OrleansLog.TestKit.Processes;

/// <summary>A file system of a few megabytes (tmpfs), mounted for one test, so that it can be filled to the brim.</summary>
public sealed class SmallDisk : IAsyncDisposable
{
    private readonly TempDirectory _place;

    private SmallDisk(TempDirectory place) => _place = place;

    /// <summary>Null where a tmpfs can be mounted here, else why not.</summary>
    public static string? Unavailable { get; } = Try();

    public string Path => _place.Path;

    public static async Task<SmallDisk> MountAsync(int megabytes)
    {
        var place = new TempDirectory("disk");
        (await ChildProcess.RunAsync("mount", ["-t", "tmpfs", "-o", $"size={megabytes}m", "orleanslog-test", place.Path])).MustSucceed();
        return new SmallDisk(place);
    }

    /// <summary>Takes all but <paramref name="leaveBytes"/> of what is free; deleting the file gives it back.</summary>
    public string FillUp(long leaveBytes)
    {
        var file = System.IO.Path.Combine(Path, "ballast");
        var free = new DriveInfo(Path).AvailableFreeSpace;
        using var stream = File.Create(file);
        var block = new byte[64 * 1024];
        for (var left = free - leaveBytes; left > 0; left -= block.Length)
        {
            stream.Write(block, 0, (int)Math.Min(left, block.Length));
        }

        return file;
    }

    public async ValueTask DisposeAsync()
    {
        (await ChildProcess.RunAsync("umount", ["-l", Path])).MustSucceed();
        _place.Dispose();
    }

    private static string? Try()
    {
        if (!OperatingSystem.IsLinux())
        {
            return "tmpfs is Linux only";
        }

        if (Environment.UserName != "root")
        {
            return "mounting a tmpfs needs root";
        }

        using var place = new TempDirectory("try");
        var mounted = ChildProcess.RunAsync("mount", ["-t", "tmpfs", "-o", "size=1m", "orleanslog-test", place.Path]).GetAwaiter().GetResult();
        if (mounted.ExitCode != 0)
        {
            return $"a tmpfs cannot be mounted here: {mounted.StandardError.Trim()}";
        }

        ChildProcess.RunAsync("umount", [place.Path]).GetAwaiter().GetResult().MustSucceed();
        return null;
    }
}
