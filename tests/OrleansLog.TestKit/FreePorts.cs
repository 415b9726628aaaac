using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OrleansLog.TestKit;

/// <summary>
/// Loopback ports that nobody listens on, and that nobody else takes before the test does: they lie outside of the range from which the system gives
/// ports to outgoing connections and to port 0, and a file lock keeps each block of them to one process for its whole life.
/// </summary>
public static class FreePorts
{
    private const int BlockSize = 50;
    private const int Lowest = 15_000;
    private const int Highest = 65_500;

    /// <summary>Where systems that do not tell begin to give ports away (IANA: 49152, Linux: 32768).</summary>
    private const int UsualEphemeralFirst = 32_768;

    private static readonly Lock Gate = new();

    /// <summary>Held until the process ends.</summary>
    private static readonly List<FileStream> Locks = [];
    private static readonly Queue<int> Left = new();

    /// <summary>Takes <paramref name="count"/> different ports; they are this process's alone until it ends.</summary>
    public static int[] Take(int count)
    {
        var ports = new int[count];
        lock (Gate)
        {
            for (var i = 0; i < count; i++)
                ports[i] = Next();
        }

        return ports;
    }

    private static int Next()
    {
        while (true)
        {
            if (Left.Count == 0)
                TakeBlock();

            // What has no part in the locks may listen there, or a process that outlived its test.
            var port = Left.Dequeue();
            if (IsFree(port))
                return port;
        }
    }

    private static void TakeBlock()
    {
        var directory = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "orleanslog-test-ports"));
        if (!OperatingSystem.IsWindows())
            OpenToAll(directory.FullName);

        var blocks = Blocks();
        var first = Environment.ProcessId % blocks.Count; // so that processes seldom try the same
        for (var i = 0; i < blocks.Count; i++)
        {
            var block = blocks[(first + i) % blocks.Count];
            if (TryLock(Path.Combine(directory.FullName, block.ToString(CultureInfo.InvariantCulture))) is not { } held)
                continue;

            Locks.Add(held);
            for (var port = block; port < block + BlockSize; port++)
                Left.Enqueue(port);

            return;
        }

        throw new InvalidOperationException($"All {blocks.Count} blocks of {BlockSize} ports are taken: see {directory.FullName}.");
    }

    /// <summary>The first ports of all blocks that lie below the system's range, or above it where there is no room below.</summary>
    private static List<int> Blocks()
    {
        var (first, last) = Ephemeral();
        var (from, to) = first - Lowest >= 20 * BlockSize ? (Lowest, Math.Min(first, Highest)) : (last + 1, Highest);
        if (to - from < 20 * BlockSize)
            (from, to) = (Lowest, UsualEphemeralFirst); // everything is given away: no place is better than another

        return [.. Enumerable.Range(0, (to - from) / BlockSize).Select(block => from + (block * BlockSize))];
    }

    private static (int First, int Last) Ephemeral()
    {
        const string Setting = "/proc/sys/net/ipv4/ip_local_port_range";
        if (!File.Exists(Setting))
            return (UsualEphemeralFirst, IPEndPoint.MaxPort);

        var bounds = File.ReadAllText(Setting).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return (int.Parse(bounds[0], CultureInfo.InvariantCulture), int.Parse(bounds[1], CultureInfo.InvariantCulture));
    }

    private static bool IsFree(int port)
    {
        using var probe = new TcpListener(IPAddress.Loopback, port);
        try
        {
            probe.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static FileStream? TryLock(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null; // another process has it, or another user's
        }
    }

    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    private static void OpenToAll(string directory)
    {
        const UnixFileMode All = (UnixFileMode)0b111_111_111;
        try
        {
            File.SetUnixFileMode(directory, All | UnixFileMode.StickyBit);
        }
        catch (UnauthorizedAccessException)
        {
            // It is another user's, who has opened it.
        }
    }
}
