using System.ComponentModel;
using System.Runtime.InteropServices;

namespace OrleansLog.TestKit.Processes;

/// <summary>POSIX signals, for which .NET has only the deadly one.</summary>
public static partial class Signals
{
    public const int Interrupt = 2;

    public const int Terminate = 15;

    public static void Send(int processId, int signal)
    {
        if (Kill(processId, signal) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int processId, int signal);
}
