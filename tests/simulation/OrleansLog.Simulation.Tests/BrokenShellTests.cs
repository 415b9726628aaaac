namespace OrleansLog.Simulation.Tests;

/// <summary>What the shells owe Core: where they break it, the rules notice. So the rules can fail, in the run that everybody has.</summary>
public class BrokenShellTests
{
    private const int SeedsMost = 10_000;

    [Theory]
    [InlineData(nameof(ShellMutation.ForgetPowerLoss))]
    [InlineData(nameof(ShellMutation.ActBeforeRegistration))]
    [InlineData(nameof(ShellMutation.AnswerBeforePersisting))]
    [InlineData(nameof(ShellMutation.CutToHighWatermark))]
    [InlineData(nameof(ShellMutation.TakeWritesForSyncs))]
    [InlineData(nameof(ShellMutation.ShowUncommitted))]
    public void A_broken_shell_is_noticed(string name)
    {
        var broken = Enum.Parse<ShellMutation>(name);
        for (ulong seed = 0; seed < SeedsMost; seed++)
        {
            if (SeedRun.Play(seed, SeedRun.EventsOf(seed, SeedRun.EventsPerSeed), broken: broken).Failure is { } failure)
            {
                Assert.True(failure is RuleBrokenException, failure.ToString());
                return;
            }
        }

        Assert.Fail($"{name} was not noticed in {SeedsMost} seeds");
    }

    [Fact]
    public void A_failing_seed_is_shrunk_to_the_few_events_that_matter()
    {
        const ShellMutation Broken = ShellMutation.CutToHighWatermark;
        var (failed, events) = FirstFailure(Broken);
        var least = Shrinker.Shrink(failed, events, broken: Broken);

        Assert.True(least.Length <= 20, $"{least.Length} events are left");
        Assert.Equal(failed.Kind, SeedRun.Play(failed.Seed, least, broken: Broken).Kind);
        for (var i = 0; i < least.Length; i++)
        {
            SimEvent[] fewer = [.. least[..i], .. least[(i + 1)..]];
            Assert.NotEqual(failed.Kind, SeedRun.Play(failed.Seed, fewer, broken: Broken).Kind);
        }
    }

    private static (RunResult Failed, SimEvent[] Events) FirstFailure(ShellMutation broken)
    {
        for (ulong seed = 0; ; seed++)
        {
            var events = SeedRun.EventsOf(seed, SeedRun.EventsPerSeed);
            if (SeedRun.Play(seed, events, broken: broken) is { Failure: not null } failed)
                return (failed, events);
        }
    }
}
