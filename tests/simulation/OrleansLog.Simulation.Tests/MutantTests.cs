using OrleansLog.TestKit;

namespace OrleansLog.Simulation.Tests;

/// <summary>The mutants fit the sources; <c>tests/simulation/mutants/run</c> shows that the exploration catches them.</summary>
public class MutantTests
{
    private static readonly string Folder = Repository.PathOf("tests", "simulation", "mutants");

    private static readonly string[] Files = [.. Directory.GetFiles(Folder, "*.mutant").Order(StringComparer.Ordinal)];

    public static TheoryData<string> Names => [.. Files.Select(file => Path.GetFileNameWithoutExtension(file))];

    [Theory]
    [MemberData(nameof(Names))]
    public void What_a_mutant_breaks_stands_once_in_the_sources(string name)
    {
        var mutant = Mutant.Read(Path.Combine(Folder, $"{name}.mutant"));
        Assert.Equal(1, mutant.Occurrences(Repository.Root));
        Assert.NotEqual(mutant.Text, mutant.Replacement);
    }

    [Fact]
    public void There_are_at_least_twenty() => Assert.True(Files.Length >= 20);
}
