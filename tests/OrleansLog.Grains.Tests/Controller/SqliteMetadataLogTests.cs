using Microsoft.Data.Sqlite;
using OrleansLog.Core.Controller;
using OrleansLog.TestKit;

namespace OrleansLog.Grains.Tests.Controller;

/// <summary>The metadata log on a real SQLite file through Orleans' real grain storage.</summary>
public sealed class SqliteMetadataLogTests : IDisposable
{
    private const int Ring = 32;
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly TempDirectory _directory = new();

    private string Path => System.IO.Path.Combine(_directory.Path, "deep", "metadata.db");

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _directory.Dispose();
    }

    [Fact]
    public async Task What_was_appended_is_read_again_after_a_restart()
    {
        await using (var before = await SqliteMetadata.StartAsync(Path))
        {
            await AppendAsync(before.OpenLog(), 1, 5);
        }

        await using var after = await SqliteMetadata.StartAsync(Path);
        var contents = await after.OpenLog().ReadAsync(None);

        Assert.Null(contents.Snapshot);
        Assert.Equal([1L, 2, 3, 4, 5], contents.Entries.Select(entry => entry.Version));
        Assert.Equal("t3", NameIn(contents.Entries[2]));
    }

    [Fact]
    public async Task Every_commit_is_synced_and_the_rows_are_readable_json()
    {
        await using var metadata = await SqliteMetadata.StartAsync(Path);
        await AppendAsync(metadata.OpenLog(), 1, 1);

        Assert.Equal("wal", SqliteMetadata.Query(Path, "PRAGMA journal_mode"));
        Assert.Equal(2L, SqliteMetadata.Query(Path, "PRAGMA synchronous"));
        Assert.StartsWith(
            """{"version":1,"epoch":7,"records":[{"type":"topic",""",
            (string)SqliteMetadata.Query(Path, "SELECT CAST(PayloadBinary AS TEXT) FROM OrleansStorage")!,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_two_writers_of_one_version_one_wins()
    {
        await using var metadata = await SqliteMetadata.StartAsync(Path);
        await using var other = await SqliteMetadata.StartAsync(Path);
        for (var version = 1; version <= 20; version++)
        {
            var (a, b) = (metadata.OpenLog(), other.OpenLog());
            await Task.WhenAll(a.ReadAsync(None), b.ReadAsync(None));

            var written = await Task.WhenAll(
                Task.Run(() => a.AppendAsync(version - 1, 1, [new TopicRecord(Guid.NewGuid(), "a")], None)),
                Task.Run(() => b.AppendAsync(version - 1, 2, [new TopicRecord(Guid.NewGuid(), "b")], None)));

            var winner = Assert.Single(written, entry => entry is not null);
            Assert.Equal(NameIn(winner!), NameIn((await metadata.OpenLog().ReadAsync(None)).Entries[version - 1]));
        }
    }

    [Fact]
    public async Task A_writer_that_slept_through_a_whole_round_of_the_ring_loses_and_space_is_bounded()
    {
        await using var metadata = await SqliteMetadata.StartAsync(Path);
        var sleeper = metadata.OpenLog(Ring);
        await AppendAsync(sleeper, 1, 10);
        Assert.True(await sleeper.IsHeadAsync(10, None));

        var other = metadata.OpenLog(Ring);
        await other.ReadAsync(None);
        const int Last = (2 * Ring) + 11;
        await AppendAsync(other, 11, Last, snapshotEvery: Ring / 4);

        Assert.Null(await sleeper.AppendAsync(10, 1, [], None));
        Assert.False(await sleeper.IsHeadAsync(10, None));
        Assert.True(await other.IsHeadAsync(Last, None));
        Assert.Equal((long)Ring + 1, SqliteMetadata.Query(Path, "SELECT count(*) FROM OrleansStorage"));

        var contents = await metadata.OpenLog(Ring).ReadAsync(None);
        Assert.Equal((2 * Ring) + (Ring / 4), contents.Snapshot!.Version);
        Assert.Equal(Last, contents.Entries[^1].Version);
    }

    [Fact]
    public async Task A_version_is_not_overwritten_before_a_snapshot_covers_it()
    {
        await using var metadata = await SqliteMetadata.StartAsync(Path);
        var log = metadata.OpenLog(Ring);
        await AppendAsync(log, 1, Ring);

        await Assert.ThrowsAsync<InvalidOperationException>(() => log.AppendAsync(Ring, 1, [], None));
        await log.SaveSnapshotAsync(ImageOf(1), None);
        Assert.NotNull(await log.AppendAsync(Ring, 1, [], None));
        await Assert.ThrowsAsync<InvalidOperationException>(() => log.AppendAsync(Ring + 1, 1, [], None));
    }

    [Fact]
    public async Task Two_controllers_may_both_save_snapshots()
    {
        await using var metadata = await SqliteMetadata.StartAsync(Path);
        var (a, b) = (metadata.OpenLog(), metadata.OpenLog());
        await AppendAsync(a, 1, 3);
        await b.ReadAsync(None);

        await a.SaveSnapshotAsync(ImageOf(2), None);
        await b.SaveSnapshotAsync(ImageOf(3), None);
        await b.SaveSnapshotAsync(ImageOf(3), None);

        Assert.Equal(3, (await metadata.OpenLog().ReadAsync(None)).Snapshot!.Version);
    }

    [Fact]
    public async Task A_damaged_row_is_a_loud_error()
    {
        await using var metadata = await SqliteMetadata.StartAsync(Path);
        await AppendAsync(metadata.OpenLog(), 1, 3);
        SqliteMetadata.Query(Path, "UPDATE OrleansStorage SET PayloadBinary = CAST('{\"vers' AS BLOB) WHERE GrainIdN1 = 2");

        await Assert.ThrowsAsync<MetadataFormatException>(() => metadata.OpenLog().ReadAsync(None));
    }

    [Fact]
    public async Task A_lost_snapshot_is_a_loud_error()
    {
        await using var metadata = await SqliteMetadata.StartAsync(Path);
        await AppendAsync(metadata.OpenLog(Ring), 1, Ring + 5, snapshotEvery: Ring / 2);
        SqliteMetadata.Query(Path, "DELETE FROM OrleansStorage WHERE GrainTypeString = 'snapshot'");

        var error = await Assert.ThrowsAsync<MetadataFormatException>(() => metadata.OpenLog(Ring).ReadAsync(None));
        Assert.Contains("restore", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_crash_at_any_byte_of_an_append_leaves_a_prefix_of_the_history_that_goes_on()
    {
        await using var metadata = await SqliteMetadata.StartAsync(Path);
        await AppendAsync(metadata.OpenLog(), 1, 8);
        var database = File.ReadAllBytes(Path);
        var wal = File.ReadAllBytes(Path + "-wal");
        var most = 0L;

        for (var cut = 0; cut <= wal.Length; cut += cut > wal.Length - 9000 ? 997 : 4096 + 24)
        {
            using var crashed = new TempDirectory();
            var path = System.IO.Path.Combine(crashed.Path, "metadata.db");
            File.WriteAllBytes(path, database);
            File.WriteAllBytes(path + "-wal", wal[..cut]);

            await using var restarted = await SqliteMetadata.StartAsync(path);
            var log = restarted.OpenLog();
            var versions = (await log.ReadAsync(None)).Entries.Select(entry => entry.Version).ToArray();

            Assert.Equal(Enumerable.Range(1, versions.Length).Select(i => (long)i), versions);
            Assert.True(versions.Length >= most);
            most = versions.Length;
            Assert.NotNull(await log.AppendAsync(versions.Length, 9, [], None));
            SqliteConnection.ClearAllPools();
        }

        Assert.InRange(most, 7, 8);
    }

    [Fact]
    public async Task Two_silos_may_create_the_schema_at_once()
    {
        var both = await Task.WhenAll(Task.Run(() => SqliteMetadata.StartAsync(Path)), Task.Run(() => SqliteMetadata.StartAsync(Path)));

        Assert.Equal(1L, SqliteMetadata.Query(Path, "PRAGMA user_version"));
        foreach (var metadata in both)
        {
            await metadata.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_schema_of_a_newer_build_is_refused()
    {
        await (await SqliteMetadata.StartAsync(Path)).DisposeAsync();
        SqliteMetadata.Query(Path, "PRAGMA user_version = 99");

        var error = await Assert.ThrowsAnyAsync<Exception>(() => SqliteMetadata.StartAsync(Path));
        Assert.Contains("schema 99", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused_by_name()
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        await File.WriteAllTextAsync(Path, new string('x', 5000));

        var error = await Assert.ThrowsAnyAsync<Exception>(() => SqliteMetadata.StartAsync(Path));
        Assert.Contains(Path, error.ToString(), StringComparison.Ordinal);
    }

    private static async Task AppendAsync(GrainStorageMetadataLog log, long first, long last, long snapshotEvery = long.MaxValue)
    {
        for (var version = first; version <= last; version++)
        {
            Assert.NotNull(await log.AppendAsync(version - 1, 7, [new TopicRecord(Guid.NewGuid(), $"t{version}")], None));
            if (version % snapshotEvery == 0)
            {
                await log.SaveSnapshotAsync(ImageOf(version), None);
            }
        }
    }

    private static MetadataImage ImageOf(long version) => MetadataImage.FromSnapshot(version, [new TopicRecord(Guid.NewGuid(), "all")]);

    private static string NameIn(MetadataEntry entry) => ((TopicRecord)MetadataRecordCodec.Decode(entry.Payload).Records[0]).Name;
}
