using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace OrleansLog.Hosting;

/// <summary>
/// Creates and migrates the metadata database before Orleans' storage provider reads it: the numbered files of deploy/sql/sqlite,
/// each in a transaction with the number that says that it is done.
/// </summary>
internal sealed partial class SqliteMetadataSchema : ILifecycleParticipant<ISiloLifecycle>
{
    private readonly SqliteConnectionStringBuilder _connection;
    private readonly ILogger<SqliteMetadataSchema> _logger;

    public SqliteMetadataSchema(SqliteConnectionStringBuilder connection, ILogger<SqliteMetadataSchema> logger)
    {
        _connection = connection;
        _logger = logger;
    }

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(SqliteMetadataSchema), ServiceLifecycleStage.RuntimeStorageServices, MigrateAsync);

    internal async Task MigrateAsync(CancellationToken cancellationToken)
    {
        CreateDirectory(Path.GetDirectoryName(_connection.DataSource)!);
        await using var connection = new SqliteConnection(_connection.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            await PrepareAsync(connection, cancellationToken);
            await ApplyAsync(connection, cancellationToken);
        }
        catch (SqliteException e)
        {
            throw new MetadataDatabaseException($"the metadata database {_connection.DataSource} cannot be used: {e.Message}{WhereFull(e)}{WhereNoRight(e)}", e);
        }
    }

    /// <summary>It is where the broker's first files go, so what is wrong with <c>--data</c> is found here first.</summary>
    private static void CreateDirectory(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var reason = new FileInfo(path).LinkTarget is not null && File.ResolveLinkTarget(path, returnFinalTarget: true) is { Exists: false } target
                ? $"it is a link to {target.FullName}, where nothing is: perhaps a disk that is not mounted"
                : File.Exists(path) ? "it is a file"
                : e is UnauthorizedAccessException ? "the user that runs this may not make it"
                : e.Message.TrimEnd('.');
            throw new MetadataDatabaseException($"the directory {path} cannot be made: {reason}. Choose another one with --data (log.dirs)", e);
        }
    }

    /// <summary>SQLite says of a file that it may not open or write only that it cannot.</summary>
    private string WhereNoRight(SqliteException error)
    {
        const int ReadOnly = 8;
        const int CannotOpen = 14;
        return error.SqliteErrorCode is not (ReadOnly or CannotOpen) ? ""
            : Directory.Exists(_connection.DataSource) ? " It is a directory"
            : $" The user that runs this must be able to write it and {Path.GetDirectoryName(_connection.DataSource)}";
    }

    /// <summary>SQLite cannot begin without room for its shared memory, and calls a lack of it an I/O error, too.</summary>
    private string WhereFull(SqliteException error)
    {
        const int IoError = 10;
        const int DiskFull = 13;
        const long MinBytes = 1024 * 1024;
        if (error.SqliteErrorCode is not (IoError or DiskFull))
            return "";

        var directory = Path.GetDirectoryName(_connection.DataSource)!;
        return new DriveInfo(directory).AvailableFreeSpace < MinBytes ? $" The disk of {directory} is full: make room on it and start again" : "";
    }

    /// <summary>WAL is kept in the file. The other setting is each connection's own: SQLite's default is the one wanted, so it is checked.</summary>
    private static async Task PrepareAsync(SqliteConnection connection, CancellationToken cancellationToken)
    {
        const long Full = 2;
        await ExecuteAsync(connection, null, "PRAGMA journal_mode = WAL", cancellationToken);
        if (await ScalarAsync(connection, null, "PRAGMA synchronous", cancellationToken) < Full)
        {
            throw new MetadataDatabaseException("this build of SQLite does not sync every commit by default; use the bundled one (SQLitePCLRaw.bundle_e_sqlite3)");
        }
    }

    private async Task ApplyAsync(SqliteConnection connection, CancellationToken cancellationToken)
    {
        var scripts = SchemaScripts.Of("sqlite");

        // Immediate: of two silos that start at once, one migrates and the other finds it done.
        await using var transaction = connection.BeginTransaction(deferred: false);
        var version = await ScalarAsync(connection, transaction, "PRAGMA user_version", cancellationToken);
        foreach (var script in scripts.After(version, $"the metadata database {_connection.DataSource}"))
        {
            await ExecuteAsync(connection, transaction, script.Text, cancellationToken);
            LogMigrated(_logger, _connection.DataSource, script.Name);
        }

        await ExecuteAsync(connection, transaction, string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {scripts.Count}"), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task ExecuteAsync(SqliteConnection connection, SqliteTransaction? transaction, string sql, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // The text comes from this assembly.
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<long> ScalarAsync(SqliteConnection connection, SqliteTransaction? transaction, string sql, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // The text comes from this assembly.
        command.CommandText = sql;
#pragma warning restore CA2100
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    [LoggerMessage(1300, LogLevel.Information, "Applied {Script} to the metadata database {Path}")]
    private static partial void LogMigrated(ILogger logger, string path, string script);
}
