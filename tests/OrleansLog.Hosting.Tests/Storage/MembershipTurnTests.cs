using Microsoft.Extensions.Logging.Abstractions;
using OrleansLog.TestKit.Processes;

namespace OrleansLog.Hosting.Tests.Storage;

public sealed class MembershipTurnTests : PostgresTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimeSpan LongEnough = TimeSpan.FromMinutes(5);

    [PostgresFact]
    public async Task Of_two_silos_the_second_one_waits_until_the_first_has_left()
    {
        await using var first = Turn(LongEnough);
        await using var second = Turn(LongEnough);
        await first.TakeAsync(None);
        var waiting = second.TakeAsync(None);
        await LocksAsync("granted", 1);
        await LocksAsync("NOT granted", 1);
        Assert.False(waiting.IsCompleted);

        await first.LeaveAsync(None);
        await waiting;
        await LocksAsync("granted", 1);
        await second.LeaveAsync(None);
        await LocksAsync("granted", 0);
    }

    [PostgresFact]
    public async Task Who_does_not_get_its_turn_soon_goes_on_without_and_may_have_the_next()
    {
        await using var first = Turn(LongEnough);
        await using var second = Turn(TimeSpan.FromMilliseconds(50));
        await first.TakeAsync(None);
        await second.TakeAsync(None);
        await LocksAsync("granted", 1);
        await LocksAsync("NOT granted", 0);

        await second.LeaveAsync(None);
        await first.DisposeAsync();
        await LocksAsync("granted", 0);
        await using var third = Turn(LongEnough);
        await third.TakeAsync(None);
        await LocksAsync("granted", 1);
    }

    [PostgresFact]
    public async Task Without_the_database_nobody_waits()
    {
        await using var turn = Turn(LongEnough);
        await Server.StopAsync();
        await turn.TakeAsync(None);
        await turn.LeaveAsync(None);
    }

    [PostgresFact]
    public async Task A_stop_that_is_given_up_ends_the_wait()
    {
        await using var first = Turn(LongEnough);
        await using var second = Turn(LongEnough);
        await first.TakeAsync(None);
        using var stop = new CancellationTokenSource();
        var waiting = second.TakeAsync(stop.Token);
        await LocksAsync("NOT granted", 1);
        await stop.CancelAsync();
        await waiting;
        await LocksAsync("NOT granted", 0);
        await second.LeaveAsync(None);
    }

    [PostgresFact]
    public async Task A_stop_that_is_given_up_while_the_broker_has_not_left_goes_on()
    {
        await using var turn = Turn(LongEnough, left: new TaskCompletionSource().Task);
        using var stop = new CancellationTokenSource();
        var going = turn.GoAsync(stop.Token);
        Assert.False(going.IsCompleted);
        await stop.CancelAsync();
        await going;
    }

    private MembershipTurn Turn(TimeSpan patience, Task? left = null) =>
        new(PostgresConnection.Parse(Server.ConnectionString), left ?? Task.CompletedTask, patience, NullLogger<MembershipTurn>.Instance);

    /// <summary>Completes when the server has that many of our locks.</summary>
    private async Task LocksAsync(string which, int count)
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (await Server.QueryAsync($"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND {which}") != $"{count}")
            await pause.WaitForNextTickAsync();
    }
}
