using System.Runtime.InteropServices;

namespace OrleansLog.Grains.Timing;

/// <summary>Linux' wait for a value in memory (futex(2)), between threads of this process.</summary>
internal static unsafe partial class Futex
{
    private const int Wait = 0 | Private;
    private const int Wake = 1 | Private;
    private const int Private = 128;

    private static readonly nint Number = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 202,
        Architecture.Arm64 => 98,
        _ => -1,
    };

    /// <summary>Whether this system has it.</summary>
    public static bool IsSupported { get; } = OperatingSystem.IsLinux() && Number >= 0;

    /// <summary>Sleeps while a value is what it was; comes back at other times, too.</summary>
    public static void WaitWhile(int* address, int value) => Call(Number, address, Wait, value, null, null, 0);

    /// <summary>Wakes one who sleeps.</summary>
    public static void WakeOne(int* address) => Call(Number, address, Wake, 1, null, null, 0);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Call(nint number, int* address, int operation, int value, void* timeout, int* address2, int value3);
}
