using Xunit.Sdk;

namespace OrleansLog.Core.Tests.Groups.Exploration;

/// <summary>
/// A group under members that crash, pause, leave and repeat themselves, lost answers, failing appends, coordinators that crash or do not
/// know that they were replaced. ORLEANSLOG_SEED replays one seed, ORLEANSLOG_SEEDS runs more of them.
/// </summary>
public class GroupExplorationTests
{
    private const int StepsPerSeed = 2_500;

    [Fact]
    public void Whatever_happens_the_group_keeps_its_promises()
    {
        var assignments = 0;
        var commits = 0;
        var refusals = 0;
        foreach (var seed in Seeds(40))
        {
            var world = Explore(seed, GroupMutation.None);
            assignments += world.History.Assignments;
            commits += world.History.Commits;
            refusals += world.Refusals;
        }

        // An exploration that gets nowhere proves nothing.
        Assert.True(assignments > 500 && commits > 500 && refusals > 500, $"{assignments} assignments, {commits} commits, {refusals} without room");
    }

    [Theory]
    [InlineData(GroupMutation.SkipCommitGeneration)]
    [InlineData(GroupMutation.SkipSyncGeneration)]
    [InlineData(GroupMutation.AnswerBeforeAppend)]
    [InlineData(GroupMutation.TwoLeaders)]
    [InlineData(GroupMutation.IgnoreFailedAppend)]
    public void A_broken_rule_is_noticed(GroupMutation mutation)
    {
        for (var seed = 0; seed < 60; seed++)
        {
            try
            {
                Explore(seed, mutation);
            }
            catch (XunitException)
            {
                return;
            }
        }

        Assert.Fail($"{mutation} was not noticed");
    }

    private static IEnumerable<int> Seeds(int count)
    {
        if (Environment.GetEnvironmentVariable("ORLEANSLOG_SEED") is { } one)
            return [int.Parse(one, System.Globalization.CultureInfo.InvariantCulture)];

        var many = Environment.GetEnvironmentVariable("ORLEANSLOG_SEEDS");
        return Enumerable.Range(0, many is null ? count : int.Parse(many, System.Globalization.CultureInfo.InvariantCulture));
    }

    private static GroupWorld Explore(int seed, GroupMutation mutation)
    {
        var world = new GroupWorld(seed, mutation);
        var step = 0;
        try
        {
            for (; step < StepsPerSeed; step++)
                world.Step();

            world.Heal();
        }
        catch (Exception e) when (mutation == GroupMutation.None)
        {
            throw new XunitException($"ORLEANSLOG_SEED={seed}, step {step}: {e.Message}", e);
        }

        return world;
    }
}
