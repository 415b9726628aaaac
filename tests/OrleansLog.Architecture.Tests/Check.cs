namespace OrleansLog.Architecture.Tests;

internal static class Check
{
    /// <summary>Fails with every offence in full: xUnit's own collection asserts cut them short.</summary>
    public static void None(IEnumerable<string> offences)
    {
        var all = offences.Distinct(StringComparer.Ordinal).ToArray();
        Assert.True(all.Length == 0, $"{all.Length} found:{Environment.NewLine}{string.Join(Environment.NewLine, all)}");
    }
}
