using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Orleans.Hosting;
using OrleansLog.Core.Configuration;
using OrleansLog.Core.Controller;
using OrleansLog.TestKit.Processes;

namespace OrleansLog.Grains.Tests.Controller;

/// <summary>The metadata log on a real PostgreSQL database through Orleans' real grain storage.</summary>
public sealed class PostgresMetadataLogTests : PostgresTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [PostgresFact]
    public async Task Silos_that_start_at_once_make_the_schema_once_and_of_two_writers_of_a_version_one_wins()
    {
        var started = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(StartAsync)));
        try
        {
            for (var version = 1; version <= 20; version++)
            {
                var (a, b) = (started[0].OpenLog(), started[1].OpenLog());
                await Task.WhenAll(a.ReadAsync(None), b.ReadAsync(None));

                var written = await Task.WhenAll(
                    Task.Run(() => a.AppendAsync(version - 1, 1, [new TopicRecord(Guid.NewGuid(), "a")], None)),
                    Task.Run(() => b.AppendAsync(version - 1, 2, [new TopicRecord(Guid.NewGuid(), "b")], None)));

                var winner = Assert.Single(written, entry => entry is not null);
                var stored = (await started[2].OpenLog().ReadAsync(None)).Entries;
                Assert.Equal(version, stored.Count);
                Assert.Equal(winner!.Payload, stored[version - 1].Payload);
            }
        }
        finally
        {
            foreach (var metadata in started)
                await metadata.DisposeAsync();
        }
    }

    [PostgresFact]
    public async Task A_sleeper_loses_when_the_ring_has_gone_round()
    {
        await using var metadata = await StartAsync();
        var (sleeper, other) = (metadata.OpenLog(ringSize: 4), metadata.OpenLog(ringSize: 4));
        await sleeper.ReadAsync(None);
        await other.ReadAsync(None);
        Assert.NotNull(await other.AppendAsync(0, 1, [new TopicRecord(Guid.NewGuid(), "t")], None));

        Assert.Null(await sleeper.AppendAsync(0, 2, [new TopicRecord(Guid.NewGuid(), "late")], None));
        Assert.False(await sleeper.IsHeadAsync(0, None));
        Assert.True(await other.IsHeadAsync(1, None));
    }

    [PostgresFact]
    public async Task Of_two_controllers_the_later_one_takes_over_and_the_earlier_one_steps_down()
    {
        await using var metadata = await StartAsync();
        await using var other = await StartAsync();
        var settings = new ControllerSettings { Config = BrokerConfig.Parse(new Dictionary<string, string>()).Value, NewId = Guid.NewGuid };
        await using var first = new ControllerShell(metadata.OpenLog(), settings, TimeProvider.System, NullLogger.Instance);
        await using var second = new ControllerShell(other.OpenLog(), settings, TimeProvider.System, NullLogger.Instance);

        await first.StartAsync("127.0.0.1:1@1", "cluster", static _ => Task.FromResult(true), None);
        await second.StartAsync("127.0.0.1:2@1", "cluster", static _ => Task.FromResult(true), None);

        await first.SteppedDown.WaitAsync(TimeSpan.FromMinutes(2));
        Assert.Equal((1, 2), (first.ControllerEpoch, second.ControllerEpoch));
        await Assert.ThrowsAsync<ControllerSteppedDownException>(() => first.DecideAsync((state, _) => state.AllocateProducerIds(1, 1)));
        Assert.False(second.SteppedDown.IsCompleted);
    }

    [PostgresFact]
    public async Task The_schema_of_a_newer_build_is_refused_and_the_password_is_not_shown()
    {
        await (await StartAsync()).DisposeAsync();
        await using (var connection = new NpgsqlConnection(Server.ConnectionString))
        {
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand("UPDATE orleanslog.SchemaVersion SET Version = 99", connection);
            await command.ExecuteNonQueryAsync();
        }

        var refused = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync(";Password=hidden-word"));

        Assert.Contains("has schema 99", refused.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hidden-word", refused.ToString(), StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task A_database_that_does_not_answer_is_waited_for_within_a_bound()
    {
        await Server.StopAsync();

        var refused = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync());

        Assert.Contains("did not answer for", refused.ToString(), StringComparison.Ordinal);
    }

    private Task<SqliteMetadata> StartAsync() => StartAsync("");

    private Task<SqliteMetadata> StartAsync(string more) =>
        SqliteMetadata.StartAsync(silo => silo.AddOrleansLogPostgresMetadata(Server.ConnectionString + more, TimeSpan.Zero));
}
