namespace OrleansLog.Simulation;

/// <summary>A rule of DESIGN's safety list does not hold.</summary>
internal sealed class RuleBrokenException(string rule, string what) : Exception($"{rule}: {what}")
{
    /// <summary>Which one: <c>S1</c> to <c>S9</c>, or <c>progress</c>.</summary>
    public string Rule { get; } = rule;
}
