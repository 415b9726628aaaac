using System.Data.Common;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orleans.Runtime;

namespace OrleansLog.Hosting;

/// <summary>
/// Creates and migrates the cluster's database before Orleans reads it: the numbered files of deploy/sql/postgres in one transaction,
/// under an advisory lock, so that of several silos that start at once one migrates and the others find it done. Waits, within a
/// bound, for a database that does not answer yet.
/// </summary>
internal sealed partial class PostgresSchema(PostgresConnection database, TimeSpan patience, TimeProvider time, ILogger<PostgresSchema> logger)
    : ILifecycleParticipant<ISiloLifecycle>
{
    /// <summary>"orleansl" in ASCII: the key of the lock that only one migration holds.</summary>
    private const long LockKey = 0x6F_72_6C_65_61_6E_73_6C;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(PostgresSchema), ServiceLifecycleStage.RuntimeStorageServices, MigrateAsync);

    internal async Task MigrateAsync(CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var isTold = false;
        while (true)
        {
            try
            {
                await ApplyAsync(cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (NpgsqlException error) when (MayComeBack(error))
            {
                if (time.GetElapsedTime(began) >= patience)
                {
                    throw new MetadataDatabaseException(
                        $"the {database.Name} did not answer for {patience.TotalSeconds:0} s (orleanslog.metadata.connect.timeout.ms): {error.Message}", error);
                }

                if (!isTold)
                    LogWaiting(database.Name, error.Message);
                isTold = true;
            }
            catch (DbException error)
            {
                throw new MetadataDatabaseException($"the {database.Name} cannot be used: {error.Message}", error);
            }

            await Task.Delay(RetryDelay, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Not there, starting, stopping, or out of connections; a wrong password or a missing database does not get better.</summary>
    private static bool MayComeBack(NpgsqlException error) =>
        error is not PostgresException answer || answer.IsTransient || answer.SqlState is PostgresErrorCodes.CannotConnectNow
            or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.TooManyConnections;

    private async Task ApplyAsync(CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(database.Text);
        await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await ExecuteAsync($"SELECT pg_advisory_xact_lock({LockKey})").ConfigureAwait(false);
        await ExecuteAsync($"CREATE SCHEMA IF NOT EXISTS {Quoted(database.Schema)}").ConfigureAwait(false);
        await ExecuteAsync("CREATE TABLE IF NOT EXISTS SchemaVersion (Version integer NOT NULL)").ConfigureAwait(false);
        var version = Convert.ToInt64(await ScalarAsync("SELECT coalesce(max(Version), 0) FROM SchemaVersion").ConfigureAwait(false), null);
        var scripts = SchemaScripts.Of("postgres");
        foreach (var script in scripts.After(version, $"the {database.Name}"))
        {
            await ExecuteAsync(script.Text).ConfigureAwait(false);
            LogMigrated(script.Name, database.Name);
        }

        if (version < scripts.Count)
            await ExecuteAsync($"DELETE FROM SchemaVersion; INSERT INTO SchemaVersion VALUES ({scripts.Count})").ConfigureAwait(false);

        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);

        async Task ExecuteAsync(string sql)
        {
            await using var command = Command(sql);
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }

        async Task<object?> ScalarAsync(string sql)
        {
            await using var command = Command(sql);
            return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
        }

        // The scripts hold the parameters of the statements that they store: no parameters are bound here, so the text goes as it is.
#pragma warning disable CA2100 // The text comes from this assembly; the schema's name is quoted.
        NpgsqlCommand Command(string sql) => new(sql, connection, transaction);
#pragma warning restore CA2100
    }

    private static string Quoted(string name) => "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    [LoggerMessage(1301, LogLevel.Information, "Applied {Script} to the {Database}")]
    private partial void LogMigrated(string script, string database);

    [LoggerMessage(1302, LogLevel.Warning, "The {Database} does not answer; this silo waits for it: {Reason}")]
    private partial void LogWaiting(string database, string reason);
}
