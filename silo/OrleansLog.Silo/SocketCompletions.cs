namespace OrleansLog.Silo;

/// <summary>Where the code behind a socket's wait goes on: on the thread that learned of it, not on the thread pool.</summary>
/// <remarks>
/// A hop to the pool wakes a thread or two for each request and each piece of an answer; without it a fetch costs a third less
/// (docs/internals/performance.md). The runtime reads this from the environment alone, when it first uses a socket, and it is the
/// whole process's: an app that embeds the log decides for itself. Whoever blocks behind a wait holds up the sockets of that thread,
/// of which there is one for each processor, as a read of a cold segment does with Kafka's network threads.
/// </remarks>
internal static class SocketCompletions
{
    private const string Variable = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>Switches it on, unless the environment says otherwise. Before the first socket.</summary>
    public static void RunInline()
    {
        if (Environment.GetEnvironmentVariable(Variable) is null)
            Environment.SetEnvironmentVariable(Variable, "1");
    }
}
