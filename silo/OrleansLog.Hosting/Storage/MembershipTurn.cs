using Microsoft.Extensions.Logging;
using Npgsql;
using Orleans.Runtime;

namespace OrleansLog.Hosting;

/// <summary>
/// Has silos that start or stop together change the membership table one after the other. Orleans' change is refused when another silo's came between
/// its reading and its writing, and is tried again only some three seconds later. The turn, an advisory lock, is a courtesy and no safeguard: who does
/// not get it soon, or at all, goes on without.
/// </summary>
/// <param name="database">The database of the membership.</param>
/// <param name="left">Completes when this silo's broker, if it is one, has left the cluster.</param>
/// <param name="patience">Longest wait for the turn.</param>
/// <param name="logger">Told who goes on without.</param>
internal sealed partial class MembershipTurn(PostgresConnection database, Task left, TimeSpan patience, ILogger<MembershipTurn> logger)
    : ILifecycleParticipant<ISiloLifecycle>, IAsyncDisposable
{
    /// <summary>"orleansm" in ASCII.</summary>
    private const long LockKey = 0x6F_72_6C_65_61_6E_73_6D;

    private NpgsqlConnection? _holding;

    /// <summary>Around the stages in which Orleans' agent joins and becomes active, and leaves and is gone; what else is in them takes no time.</summary>
    public void Participate(ISiloLifecycle lifecycle)
    {
        const int Gone = ServiceLifecycleStage.RuntimeInitialize + 1;
        On("Joining", ServiceLifecycleStage.AfterRuntimeGrainServices - 1, onStart: TakeAsync);
        On("Joined", ServiceLifecycleStage.AfterRuntimeGrainServices + 1, onStart: LeaveAsync);
        On("BecomingActive", ServiceLifecycleStage.BecomeActive - 1, onStart: TakeAsync, onStop: LeaveAsync);
        On("Active", ServiceLifecycleStage.Active, onStart: LeaveAsync, onStop: GoAsync);
        On("Going", Gone + 1, onStop: TakeAsync);
        On("Gone", Gone - 1, onStop: LeaveAsync);

        void On(string name, int stage, Func<CancellationToken, Task>? onStart = null, Func<CancellationToken, Task>? onStop = null) => lifecycle.Subscribe(
            $"{nameof(MembershipTurn)}.{name}", stage, onStart ?? (static _ => Task.CompletedTask), onStop ?? (static _ => Task.CompletedTask));
    }

    /// <summary>Of a silo that did not come to its stage.</summary>
    public async ValueTask DisposeAsync() => await LeaveAsync(CancellationToken.None).ConfigureAwait(false);

    /// <summary>Takes the turn once the broker has left, or the stop is given up: it goes on then, and has no time for courtesy.</summary>
    internal async Task GoAsync(CancellationToken cancellationToken)
    {
        await left.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await TakeAsync(cancellationToken).ConfigureAwait(false);
    }

    internal async Task TakeAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        _holding = new NpgsqlConnection(database.Text);
        try
        {
            await _holding.OpenAsync(limit.Token).ConfigureAwait(false);

            // Held by the transaction, which ends with the connection, and not by a session, which a pool between this and the server might share.
            await _holding.BeginTransactionAsync(limit.Token).ConfigureAwait(false);
            await using var command = new NpgsqlCommand($"SELECT pg_advisory_xact_lock({LockKey})", _holding);
            await command.ExecuteNonQueryAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is NpgsqlException or OperationCanceledException)
        {
            LogNoTurn(error.Message);
            await LeaveAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    internal async Task LeaveAsync(CancellationToken cancellationToken)
    {
        if (_holding is { } holding)
            await holding.DisposeAsync().ConfigureAwait(false);

        _holding = null;
    }

    [LoggerMessage(1303, LogLevel.Debug, "This silo changes the membership table out of turn: {Reason}")]
    private partial void LogNoTurn(string reason);
}
