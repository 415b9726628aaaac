namespace OrleansLog.Core.Controller;

/// <summary>When a silo may take the controller over from one that lives, as far as membership knows, and is silent.</summary>
/// <remarks>
/// No safety rests on it: the metadata log has one writer at a time whoever tries (D2). It keeps a silo that is cut off from all others from taking the
/// controller to where nobody else can reach it.
/// </remarks>
public static class Succession
{
    /// <summary>Whether the others' answers allow it: none of them hears the controller, and at least half of them can be asked.</summary>
    /// <param name="asked">The brokers on silos other than this one and the silent one that live, as far as membership knows.</param>
    /// <param name="answered">How many of them answered.</param>
    /// <param name="isHeard">Whether one of them hears the controller.</param>
    public static bool MayTakeOver(int asked, int answered, bool isHeard) => !isHeard && answered * 2 >= asked;
}
