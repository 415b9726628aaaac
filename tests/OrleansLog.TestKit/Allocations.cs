namespace OrleansLog.TestKit;

/// <summary>What code allocates.</summary>
public static class Allocations
{
    private const int Rounds = 20;

    /// <summary>
    /// Bytes that <paramref name="action"/> allocates on the calling thread, in the cheapest of some rounds: warming up and the
    /// runtime's own work are charged to a round now and then, what the code itself needs to every one.
    /// </summary>
    public static long LeastOf(Action action)
    {
        var least = long.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
