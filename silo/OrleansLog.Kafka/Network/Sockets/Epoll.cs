using System.Runtime.InteropServices;

namespace OrleansLog.Kafka.Network.Sockets;

/// <summary>Linux' epoll(7) and eventfd(2).</summary>
internal static unsafe partial class Epoll
{
    public const uint In = 0x1;
    public const uint Out = 0x4;
    public const uint Error = 0x8;
    public const uint HangUp = 0x10;
    public const uint PeerHangUp = 0x2000;
    public const uint EdgeTriggered = 1u << 31;

    public const int InterruptedError = 4; // EINTR

    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int OperationAdd = 1;
    private const int OperationRemove = 2;

    /// <summary>Bytes of <c>struct epoll_event</c>, which is packed on x86-64 alone.</summary>
    private static readonly int EventBytes = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    /// <summary>Where the caller's number lies in it.</summary>
    private static readonly int DataAt = EventBytes - sizeof(long);

    /// <summary>Whether this system has it.</summary>
    public static bool IsSupported { get; } = OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;

    /// <summary>Memory for so many events.</summary>
    public static byte[] NewEvents(int count) => new byte[count * EventBytes];

    /// <summary>A set of files to wait for.</summary>
    /// <exception cref="IOException">The system refuses.</exception>
    public static int Create() => Checked(EpollCreate1(CloseOnExec), "epoll_create1");

    /// <summary>A file that can be made ready.</summary>
    /// <exception cref="IOException">The system refuses.</exception>
    public static int CreateSignal() => Checked(EventFd(0, CloseOnExec | NonBlocking), "eventfd");

    /// <summary>Waits for a file's events from now on.</summary>
    /// <param name="epoll">The set.</param>
    /// <param name="file">The file.</param>
    /// <param name="events">Which events.</param>
    /// <param name="data">What tells the file from others.</param>
    /// <exception cref="IOException">The system refuses.</exception>
    public static void Add(int epoll, int file, uint events, long data)
    {
        var one = stackalloc byte[16];
        *(uint*)one = events;
        *(long*)(one + DataAt) = data;
        Checked(EpollCtl(epoll, OperationAdd, file, one), "epoll_ctl");
    }

    /// <summary>Waits for a file no more.</summary>
    public static void Remove(int epoll, int file)
    {
        var none = stackalloc byte[16];
        _ = EpollCtl(epoll, OperationRemove, file, none);
    }

    /// <summary>Waits for the next events; their number, or -1 with the system's error.</summary>
    public static int Wait(int epoll, Span<byte> events)
    {
        fixed (byte* memory = events)
            return EpollWait(epoll, memory, events.Length / EventBytes, -1);
    }

    /// <summary>One of the events that came.</summary>
    public static (uint Events, long Data) Get(ReadOnlySpan<byte> events, int index)
    {
        var one = events.Slice(index * EventBytes, EventBytes);
        return (MemoryMarshal.Read<uint>(one), MemoryMarshal.Read<long>(one[DataAt..]));
    }

    /// <summary>Makes a signal ready.</summary>
    public static void Signal(int signal)
    {
        var one = 1L;
        _ = Write(signal, (byte*)&one, sizeof(long));
    }

    /// <summary>Makes a signal unready.</summary>
    public static void ClearSignal(int signal)
    {
        long count;
        _ = Read(signal, (byte*)&count, sizeof(long));
    }

    /// <summary>Closes a set or a signal.</summary>
    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int file);

    private static int Checked(int result, string call) =>
        result >= 0 ? result : throw new IOException($"{call}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int EpollCreate1(int flags);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventFd(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int EpollCtl(int epoll, int operation, int file, byte* change);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static partial int EpollWait(int epoll, byte* events, int most, int timeoutMs);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(int file, byte* bytes, nuint count);

    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint Read(int file, byte* bytes, nuint count);
}
