using System.Diagnostics;

namespace OrleansLog.Client.Tests;

/// <summary>
/// Tells when the thread pool has nothing to do: then what is under test waits for the clock, or for the test. A thread that the
/// machine keeps from running still counts as working, however long that takes.
/// </summary>
/// <remarks>
/// The pool is the whole process's, so nothing may run beside the test that asks. The test host keeps some threads of it for good; how
/// many is found out once, while no test does anything, and less whenever fewer are seen.
/// </remarks>
internal static class ThreadPoolRest
{
    private static readonly TimeSpan FirstLook = TimeSpan.FromSeconds(1);

    // The same threads taken for as long as this, while nothing waits for one: the host has kept another.
    private static readonly TimeSpan KeptAfter = TimeSpan.FromSeconds(30);
    private static readonly Lock Gate = new();
    private static readonly Stopwatch Busy = new();
    private static int s_kept = -1;
    private static int s_leastWorking;

    /// <summary>Call it before a test does anything, on no thread of the pool.</summary>
    public static void Prepare()
    {
        lock (Gate)
        {
            if (s_kept >= 0)
                return;
            var least = int.MaxValue;
            var watch = Stopwatch.StartNew();
            for (var pause = default(SpinWait); least == int.MaxValue || watch.Elapsed < FirstLook; pause.SpinOnce())
                least = Math.Min(least, Working);
            s_kept = least;
        }
    }

    public static bool IsReached
    {
        get
        {
            lock (Gate)
            {
                var working = Working;
                if (working <= s_kept)
                {
                    s_kept = working;
                    Busy.Reset();
                    return true;
                }

                Note(working);
                return false;
            }
        }
    }

    // Threads at work, which includes one that is asked for and has not begun; without number while work waits for a thread.
    private static int Working
    {
        get
        {
            if (ThreadPool.PendingWorkItemCount > 0)
                return int.MaxValue;
            ThreadPool.GetMaxThreads(out var most, out _);
            ThreadPool.GetAvailableThreads(out var available, out _);
            return most - available;
        }
    }

    // Under the lock.
    private static void Note(int working)
    {
        if (!Busy.IsRunning)
        {
            Busy.Start();
            s_leastWorking = working;
        }

        s_leastWorking = Math.Min(s_leastWorking, working);
        if (Busy.Elapsed < KeptAfter)
            return;
        if (s_leastWorking < int.MaxValue)
            s_kept = s_leastWorking;
        Busy.Reset();
    }
}
