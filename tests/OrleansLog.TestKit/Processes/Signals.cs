using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;

namespace OrleansLog.TestKit.Processes;

/// <summary>POSIX signals, for which .NET has only the deadly one.</summary>
public static partial class Signals
{
    public const int Interrupt = 2;

    public const int Quit = 3;

    public const int Terminate = 15;

    public const int Continue = 18;

    public const int Stop = 19;

    /// <summary>Whether this process was started with SIGINT ignored, as a shell without job control does with what it puts in the background.</summary>
    public static bool InterruptIsIgnored { get; } = OperatingSystem.IsLinux() && IsIgnored(Interrupt);

    public static void Send(int processId, int signal)
    {
        if (Kill(processId, signal) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    private static bool IsIgnored(int signal)
    {
        const string Mask = "SigIgn:";
        var line = File.ReadLines("/proc/self/status").First(static line => line.StartsWith(Mask, StringComparison.Ordinal));
        return (ulong.Parse(line.AsSpan(Mask.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) & (1UL << (signal - 1))) != 0;
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int processId, int signal);
}
