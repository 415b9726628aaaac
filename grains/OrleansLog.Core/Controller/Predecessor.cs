using OrleansLog.Protocol;

namespace OrleansLog.Core.Controller;

/// <summary>Whoever has the node id that a starting silo wants: perhaps its own process of before, killed a moment ago.</summary>
public static class Predecessor
{
    /// <summary>Whether it may be gone, so that its session is waited out: it was not heard of since the new one first asked.</summary>
    /// <param name="error">What the controller answered.</param>
    /// <param name="lastContactAgeMs">How long ago the holder of the id was heard, in milliseconds.</param>
    /// <param name="askingForMs">How long the new one has been asking, in milliseconds.</param>
    public static bool MayBeWaitedOut(ErrorCode error, long lastContactAgeMs, long askingForMs) =>
        error == ErrorCode.DuplicateBrokerRegistration && lastContactAgeMs >= askingForMs;
}
