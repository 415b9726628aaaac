namespace OrleansLog.Grains.Directories;

/// <summary>What tells one boot of the machine from the next: only a reboot loses the page cache (D11).</summary>
internal static class BootId
{
    private const string LinuxPath = "/proc/sys/kernel/random/boot_id";

    /// <summary>The boot id, or empty where the platform has none.</summary>
    public static string Read()
    {
        try
        {
            return File.Exists(LinuxPath) ? File.ReadAllText(LinuxPath).Trim() : "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
