using Xunit;

namespace OrleansLog.TestKit.Processes;

/// <summary>Tests of which each has an empty PostgreSQL server, where one is installed (<see cref="PostgresFactAttribute"/>).</summary>
public abstract class PostgresTests : IAsyncLifetime
{
    private PostgresServer? _server;

    protected PostgresServer Server => _server!;

    public async Task InitializeAsync() => _server = PostgresServer.Unavailable is null ? await PostgresServer.StartNewAsync() : null;

    public async Task DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }
}
