namespace OrleansLog.Grains.Appending;

/// <summary>
/// Whether this thread, having settled appends, may itself go on with what awaits their answers, where that is brief. A few at a time: each saves the wake-up of
/// another thread, and many would hold this one up while others have nothing to do.
/// </summary>
internal static class AnsweringThread
{
    private const int Most = 16;

    [ThreadStatic]
    private static int s_left;

    /// <summary>The thread has a few answers to give, and holds no lock.</summary>
    public static void Begin() => s_left = Most;

    /// <summary>Others go on with what awaits further answers.</summary>
    public static void End() => s_left = 0;

    /// <summary>Whether one more may go on here.</summary>
    public static bool TryTake()
    {
        if (s_left == 0)
            return false;

        s_left--;
        return true;
    }
}
