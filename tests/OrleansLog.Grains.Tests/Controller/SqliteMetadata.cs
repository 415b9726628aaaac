using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.Storage;

namespace OrleansLog.Grains.Tests.Controller;

/// <summary>Orleans' own grain storage over a metadata database, started as a silo starts it, without the silo around it.</summary>
internal sealed class SqliteMetadata : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly SiloLifecycleSubject _lifecycle = new(NullLogger<SiloLifecycleSubject>.Instance);

    private SqliteMetadata(Action<ISiloBuilder> register)
    {
        var builder = new Builder();
        builder.Services.AddLogging();
        builder.Services.AddSerializer(serializer => serializer.AddAssembly(typeof(MetadataRow).Assembly));
        builder.Services.Configure<ClusterOptions>(options => options.ServiceId = "test");
        register(builder);
        _services = builder.Services.BuildServiceProvider();
        foreach (var participant in _services.GetServices<ILifecycleParticipant<ISiloLifecycle>>())
        {
            participant.Participate(_lifecycle);
        }
    }

    public IGrainStorage Storage => _services.GetRequiredKeyedService<IGrainStorage>(GrainStorageMetadataLog.StorageName);

    public GrainStorageMetadataLog OpenLog(int ringSize = GrainStorageMetadataLog.RingSize) => new(Storage, ringSize);

    public static Task<SqliteMetadata> StartAsync(string path) => StartAsync(silo => silo.AddOrleansLogSqliteMetadata(path));

    /// <summary>The same over another database.</summary>
    public static async Task<SqliteMetadata> StartAsync(Action<ISiloBuilder> register)
    {
        var metadata = new SqliteMetadata(register);
        await metadata._lifecycle.OnStart();
        return metadata;
    }

    public static SqliteConnection Connect(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ConnectionString);
        connection.Open();
        return connection;
    }

    public static object? Query(string path, string sql)
    {
        using var connection = Connect(path);
        using var command = connection.CreateCommand();
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }

    public async ValueTask DisposeAsync()
    {
        await _lifecycle.OnStop();
        await _services.DisposeAsync();
    }

    private sealed class Builder : ISiloBuilder
    {
        public IServiceCollection Services { get; } = new ServiceCollection();

        public IConfiguration Configuration { get; } = new ConfigurationBuilder().Build();
    }
}
