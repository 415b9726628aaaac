using OrleansLog.Log;

namespace OrleansLog.Grains.Disk;

/// <summary>The real disk: through libc on Linux, where every error of a write or a sync must be seen (D5), through .NET elsewhere.</summary>
public static class FileSystemDisk
{
    /// <summary>The disk for this platform.</summary>
    public static IDisk Create() => OperatingSystem.IsLinux() ? new LinuxDisk() : new PortableDisk();

    /// <summary>The disk over .NET's own file API, which works everywhere.</summary>
    public static IDisk CreatePortable() => new PortableDisk();
}
