using System.Globalization;
using OrleansLog.TestKit;
using Xunit.Abstractions;

namespace OrleansLog.Cluster.Tests.Groups;

/// <summary>
/// Producers and groups of librdkafka through crashes of the broker and of each other: nothing acknowledged is lost, nothing comes twice into
/// the log, no member skips or repeats within a tenure, commits never go back, and in the end everything was delivered.
/// <c>ORLEANSLOG_SEED=17</c> repeats the choices of a run, <c>ORLEANSLOG_ROUNDS=4</c> says how often the broker is killed.
/// </summary>
public class GroupHistoryTests(ITestOutputHelper output)
{
    private readonly int _seed = Number("ORLEANSLOG_SEED") ?? Environment.TickCount;

    private readonly int _rounds = Number("ORLEANSLOG_ROUNDS") ?? (Repository.LongRuns ? 40 : 2);

    /// <summary>Flush policies; under the default, one broker's topics are flushed before they are acknowledged.</summary>
    public static TheoryData<string, string> Runs { get; } = Repository.LongRuns
        ? new() { { "auto", "false" }, { "os", "false" }, { "auto", "true" } }
        : new() { { "auto", "false" } };

    [Theory]
    [MemberData(nameof(Runs))]
    public async Task Groups_keep_their_promises_while_members_and_the_broker_come_and_go(string policy, string gateway)
    {
        using var place = new TempDirectory("groups");
        await using var run = new GroupRun(place, new GroupWorkload(), _seed, new Dictionary<string, string>
        {
            ["orleanslog.flush.policy"] = policy,
            ["orleanslog.gateway"] = gateway,
            ["group.min.session.timeout.ms"] = "1000",
            ["group.initial.rebalance.delay.ms"] = "200",
        });
        try
        {
            await run.BeginAsync(GroupKind.Eager, GroupKind.Cooperative, GroupKind.Sdk);
            for (var round = 0; round < _rounds; round++)
            {
                await run.DisturbAsync();
                await run.KillAsync(whileRebalancing: round % 2 == 1);
            }

            await run.DisturbAsync();
            await run.FinishAsync();
        }
        catch
        {
            place.Keep();
            output.WriteLine($"the broker's data stays in {place}");
            throw;
        }
        finally
        {
            output.WriteLine($"seed {_seed}\n{run.Story}");
        }
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : null;
}
