using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Runtime;
using OrleansLog.Core.Configuration;
using OrleansLog.Grains;
using OrleansLog.Hosting;

namespace Orleans.Hosting;

/// <summary>Registers PostgreSQL for a cluster: its metadata, and its membership where the app has none of its own.</summary>
public static class PostgresSiloBuilderExtensions
{
    /// <summary>Less than what a turn saves.</summary>
    private static readonly TimeSpan TurnPatience = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Keeps the metadata log in PostgreSQL, through Orleans grain storage: for a cluster of several silos. Tables are made and migrated
    /// when a silo starts, in the schema <c>orleanslog</c> unless the connection's search path names another.
    /// </summary>
    /// <param name="builder">The silo.</param>
    /// <param name="connectionString">As Npgsql takes it.</param>
    /// <param name="patience">How long a starting silo waits for the database to answer.</param>
    /// <exception cref="FormatException">The connection string is none; the message does not repeat it.</exception>
    public static ISiloBuilder AddOrleansLogPostgresMetadata(this ISiloBuilder builder, string connectionString, TimeSpan patience)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var database = PostgresConnection.Parse(connectionString);
        builder.AddAdoNetGrainStorage(GrainStorageMetadataLog.StorageName, options =>
        {
            options.Invariant = PostgresConnection.Invariant;
            options.ConnectionString = database.Text;
            options.GrainStorageSerializer = new MetadataRowSerializer();
        });
        builder.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(services => new PostgresSchema(
            database, patience, TimeProvider.System, services.GetRequiredService<ILogger<PostgresSchema>>()));
        return builder;
    }

    /// <summary>
    /// Keeps the silos' membership in the database of <c>orleanslog.metadata.connection</c>, with failure detection that finds a dead
    /// silo in a second or two (<c>orleanslog.silo.probe.timeout.ms</c>, <c>orleanslog.silo.probe.misses</c>).
    /// </summary>
    /// <param name="builder">The silo.</param>
    /// <param name="config">The broker's settings.</param>
    public static ISiloBuilder UseOrleansLogPostgresMembership(this ISiloBuilder builder, BrokerConfig config)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(config);
        var database = PostgresConnection.Parse(config.MetadataConnection ?? throw new ArgumentException("orleanslog.metadata.connection is not set", nameof(config)));
        builder.UseAdoNetClustering(options =>
        {
            options.Invariant = PostgresConnection.Invariant;
            options.ConnectionString = database.Text;
        });
        builder.Configure<ClusterMembershipOptions>(options =>
        {
            var probe = TimeSpan.FromMilliseconds(config.SiloProbeTimeoutMs);
            options.ProbeTimeout = probe;
            options.NumMissedProbesLimit = config.SiloProbeMisses;
            options.TableRefreshTimeout = TimeSpan.FromSeconds(5);

            // A connection that still takes bytes says nothing about the silo behind it: a stopped process keeps its sockets.
            options.EnableConnectionLivenessCheck = false;
        });
        builder.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(services => new MembershipTurn(
            database, services.GetService<BrokerSession>()?.Left ?? Task.CompletedTask, TurnPatience, services.GetRequiredService<ILogger<MembershipTurn>>()));
        return builder;
    }
}
