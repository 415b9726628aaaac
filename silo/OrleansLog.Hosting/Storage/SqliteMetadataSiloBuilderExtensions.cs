using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using OrleansLog.Grains;
using OrleansLog.Hosting;

namespace Orleans.Hosting;

/// <summary>Registers where the cluster's metadata is kept.</summary>
public static class SqliteMetadataSiloBuilderExtensions
{
    /// <summary>The name under which Orleans' ADO.NET provider loads Microsoft.Data.Sqlite.</summary>
    private const string Invariant = "System.Data.SQLite";

    /// <summary>
    /// Keeps the metadata log in a SQLite file of its own, through Orleans grain storage: for a cluster of one silo. The file and
    /// its schema are created and migrated when the silo starts; every commit is synced to disk.
    /// </summary>
    /// <param name="builder">The silo.</param>
    /// <param name="databasePath">Path of the database file; its directory is created.</param>
    public static ISiloBuilder AddOrleansLogSqliteMetadata(this ISiloBuilder builder, string databasePath)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(databasePath);
        var connection = new SqliteConnectionStringBuilder
        {
            DataSource = Path.GetFullPath(databasePath),
            DefaultTimeout = 10,
        };
        builder.AddAdoNetGrainStorage(GrainStorageMetadataLog.StorageName, options =>
        {
            options.Invariant = Invariant;
            options.ConnectionString = connection.ConnectionString;
            options.GrainStorageSerializer = new MetadataRowSerializer();
        });
        builder.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(services =>
            new SqliteMetadataSchema(connection, services.GetRequiredService<ILogger<SqliteMetadataSchema>>()));
        return builder;
    }
}
