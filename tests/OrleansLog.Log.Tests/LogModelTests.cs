using CsCheck;
using OrleansLog.TestKit;

namespace OrleansLog.Log.Tests;

/// <summary>The log against a list in memory: appends, reads, rolls, truncations, retention, faults, kills and power losses in any order.</summary>
public class LogModelTests
{
    private static readonly Gen<(int Kind, int How)[]> Steps = Gen.Select(Gen.Int[0, 22], Gen.Int[0, 10_000]).Array[1, 60];

    private static readonly int Runs = Repository.LongRuns ? 10_000 : 300;

    [Fact]
    public void The_log_is_a_list_of_batches_whatever_happens_in_between() =>
        Steps.Sample(steps =>
        {
            using var model = new LogModel(acknowledgesUnsynced: false);
            foreach ((int kind, int how) in steps)
                model.Step(kind, how);
            model.Check();
        }, iter: Runs, threads: 2);

    [Fact]
    public void What_was_synced_survives_and_what_was_accepted_is_never_lost_in_silence() =>
        Gen.Select(Steps, Gen.Bool, Gen.Bool, Gen.Int).Sample((steps, acknowledgesUnsynced, reorders, seed) =>
        {
            using var model = new LogModel(acknowledgesUnsynced);
            foreach ((int kind, int how) in steps)
                model.Step(kind, how);
            model.CheckNothingIsLostInSilence(seed, reorders);
        }, iter: Runs, threads: 2);
}
