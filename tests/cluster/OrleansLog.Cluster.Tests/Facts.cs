using OrleansLog.TestKit.Processes;

namespace OrleansLog.Cluster.Tests;

/// <summary>A test that makes system calls fail; skipped, with the reason, where strace cannot.</summary>
public sealed class StraceFactAttribute : FactAttribute
{
    public StraceFactAttribute() => Skip = Strace.Unavailable!;
}

/// <summary>A test that mounts a small file system; skipped, with the reason, where that is not allowed.</summary>
public sealed class SmallDiskFactAttribute : FactAttribute
{
    public SmallDiskFactAttribute() => Skip = SmallDisk.Unavailable!;
}

/// <summary>The same with data.</summary>
public sealed class SmallDiskTheoryAttribute : TheoryAttribute
{
    public SmallDiskTheoryAttribute() => Skip = SmallDisk.Unavailable!;
}

/// <summary>A test of what Linux alone has: limits of a process, /proc.</summary>
public sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute() => Skip = OperatingSystem.IsLinux() ? null! : "Linux only";
}

/// <summary>The same with data.</summary>
public sealed class LinuxTheoryAttribute : TheoryAttribute
{
    public LinuxTheoryAttribute() => Skip = OperatingSystem.IsLinux() ? null! : "Linux only";
}
