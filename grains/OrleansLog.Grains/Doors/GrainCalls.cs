namespace OrleansLog.Grains;

/// <summary>What all calls of grains keep to.</summary>
internal static class GrainCalls
{
    /// <summary>Longest wait inside of a call, in milliseconds: less than half of Orleans' response timeout of 30 seconds, so that no wait looks like a lost call.</summary>
    public const int WaitMsMax = 10_000;
}
