using System.Diagnostics;
using OrleansLog.TestKit;

namespace OrleansLog.Client.Tests;

/// <summary>Waits for what must come, on threads of their own: the pool is left to those who are waited for.</summary>
internal static class Eventually
{
    /// <summary>Whoever waits as long as this waits for ever.</summary>
    public static readonly TimeSpan Hang = TimeSpan.FromMinutes(2);

    /// <summary>Waits in real time until it is so.</summary>
    public static Task UntilAsync(Func<bool> condition) => OwnThread.RunAsync(() => Wait(condition));

    /// <summary>The same for those who have a thread of their own.</summary>
    public static void Wait(Func<bool> condition)
    {
        var watch = Stopwatch.StartNew();
        for (var pause = default(SpinWait); !condition(); pause.SpinOnce())
            Assert.True(watch.Elapsed < Hang, "It never happened.");
    }
}
