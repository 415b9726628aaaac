namespace Orleans.Hosting;

/// <summary>Registers where the cluster's metadata is kept.</summary>
public static class SqliteMetadataSiloBuilderExtensions
{
    /// <summary>
    /// Keeps the metadata log in a SQLite file of its own, through Orleans grain storage: for a cluster of one silo. The file and
    /// its schema are created and migrated when the silo starts.
    /// </summary>
    /// <param name="builder">The silo.</param>
    /// <param name="databasePath">Path of the database file; its directory is created.</param>
    public static ISiloBuilder AddOrleansLogSqliteMetadata(this ISiloBuilder builder, string databasePath) =>
        throw new NotImplementedException();
}
