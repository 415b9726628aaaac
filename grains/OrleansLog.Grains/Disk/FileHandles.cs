namespace OrleansLog.Grains.Disk;

/// <summary>How many files and sockets this process may have open (<c>ulimit -n</c>), and what of them is for whom.</summary>
/// <remarks>
/// The system gives the lowest number that is free, so the number of a new file or socket says how many are open below it: only connections are
/// counted. The last ones stay free, because the runtime ends the process when it has none for a thread that it starts. Of the others an eighth is
/// for segments and an eighth for connections, whatever the other kind does: a broker that nobody reaches is as lost as one that cannot write.
/// .NET raises the soft limit to the hard one before any code of ours runs.
/// </remarks>
public static class FileHandles
{
    /// <summary>What stays free for the runtime, for files that are closed at once (indexes, checkpoints, directories), and for the metadata's database.</summary>
    private const int ForRuntime = 64;

    /// <summary>What a broker opens before it has a log or a client.</summary>
    private const int ForStart = 512;

    /// <summary>Connections that are reckoned with where <c>max.connections</c> sets no bound.</summary>
    private const int UsualConnections = 2_000;

    private const int ShareOf = 8;

    private static int s_connections;

    /// <summary>Files and sockets at a time; <see cref="int.MaxValue"/> where the system does not tell.</summary>
    public static int Limit { get; } = Libc.TryGetFileLimit() ?? int.MaxValue;

    /// <summary>How many may be open when another connection is taken, once connections have their share.</summary>
    public static int ConnectionsEnd => End - Share;

    private static int End => Limit - ForRuntime;

    private static int Share => Limit / ShareOf;

    /// <summary>Closed segments that stay open of those that a configuration allows (<c>orleanslog.segment.cache.max</c>).</summary>
    public static int SegmentsOf(int configured) => Math.Min(configured, Math.Max(1, Share));

    /// <summary>What a broker needs for its settings, beside one for each partition.</summary>
    public static long NeededFor(int segments, int connections) => ForStart + (long)segments + (connections == int.MaxValue ? UsualConnections : connections);

    /// <summary>Counts a connection, which has a handle already; false, and not counted, when it must give that back.</summary>
    public static bool TryAddConnection(nint handle)
    {
        if (handle < (Interlocked.Increment(ref s_connections) <= Share ? End : ConnectionsEnd))
            return true;

        RemoveConnection();
        return false;
    }

    /// <summary>A counted connection is closed.</summary>
    public static void RemoveConnection() => Interlocked.Decrement(ref s_connections);

    /// <summary>Whether a segment may have a handle: what is left of the connections' share is theirs.</summary>
    internal static bool IsForSegment(nint handle) => handle < End - Math.Max(0, Share - Volatile.Read(ref s_connections));
}
