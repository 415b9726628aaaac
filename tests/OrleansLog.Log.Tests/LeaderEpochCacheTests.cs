using System.Text;
using OrleansLog.TestKit;

namespace OrleansLog.Log.Tests;

public class LeaderEpochCacheTests
{
    private readonly MemoryDisk _disk = new();

    private LeaderEpochCache Open()
    {
        _disk.CreateDirectory("/p");
        var cache = new LeaderEpochCache(_disk, "/p/leader-epoch-checkpoint");
        Assert.True(cache.TryLoad());
        return cache;
    }

    private LeaderEpochCache With(params ReadOnlySpan<(int Epoch, long Start)> entries)
    {
        LeaderEpochCache cache = Open();
        foreach ((int epoch, long start) in entries)
            cache.Assign(epoch, start);
        return cache;
    }

    [Fact]
    public void Epochs_are_kept_in_the_references_file()
    {
        LeaderEpochCache cache = With((0, 0), (2, 1000));
        Assert.Equal(0, _disk.Operations.GetValueOrDefault("write"));
        cache.Stage();
        cache.PublishIfStaged();
        Assert.Equal("0\n2\n0 0\n2 1000\n", Encoding.UTF8.GetString(_disk.ReadAll("/p/leader-epoch-checkpoint")));
        Assert.Equal([new(0, 0), new(2, 1000)], Open().Entries);
    }

    [Fact]
    public void An_older_epoch_is_ignored_and_a_newer_one_takes_over_what_nobody_wrote_in()
    {
        LeaderEpochCache cache = With((3, 10), (5, 20), (4, 30), (7, 20));
        Assert.Equal([new(3, 10), new(7, 20)], cache.Entries);
    }

    [Theory]
    [InlineData(1, 1, 10)]
    [InlineData(3, 3, 20)]
    [InlineData(4, 3, 20)]
    [InlineData(5, 5, 90)]
    [InlineData(6, -1, -1)]
    [InlineData(-1, -1, -1)]
    public void An_epoch_ends_where_the_next_one_begins(int asked, int epoch, long end) =>
        Assert.Equal((epoch, end), With((3, 10), (5, 20)).EndOffsetFor(asked, logEndOffset: 90));

    [Theory]
    [InlineData(9, -1)]
    [InlineData(10, 3)]
    [InlineData(19, 3)]
    [InlineData(20, 5)]
    public void An_offset_belongs_to_the_epoch_that_wrote_it(long offset, int epoch) =>
        Assert.Equal(epoch, With((3, 10), (5, 20)).EpochFor(offset));

    [Fact]
    public void Cutting_the_log_at_either_end_cuts_the_history()
    {
        LeaderEpochCache cache = With((1, 0), (2, 10), (3, 20), (4, 30));
        cache.TruncateFromEnd(30);
        cache.TruncateFromStart(15);
        Assert.Equal([new(2, 15), new(3, 20)], cache.Entries);
        cache.TruncateFromStart(50);
        Assert.Equal([new(3, 50)], cache.Entries);
        cache.TruncateFromEnd(50);
        Assert.Equal(-1, cache.LatestEpoch);
    }

    [Fact]
    public void When_the_file_cannot_be_written_the_history_is_as_it_was()
    {
        LeaderEpochCache cache = With((1, 0), (2, 5));
        _disk.Fault = (operation, _) => operation == "rename" ? DiskErrorKind.Io : null;
        Assert.Throws<DiskException>(() => cache.TruncateFromEnd(5));
        Assert.Equal(2, cache.LatestEpoch);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_power_loss_at_any_moment_leaves_the_old_history_or_the_new_one(bool reorders)
    {
        LeaderEpochCache cache = With((1, 0));
        cache.Stage();
        cache.PublishIfStaged();
        LeaderEpochEntry[] old = [.. cache.Entries];
        var crashed = new List<MemoryDisk>();
        _disk.Fault = (_, _) =>
        {
            for (int seed = 0; seed < 20; seed++)
                crashed.Add(_disk.Crash(seed, reorders));
            return null;
        };
        cache.Assign(2, 5);
        cache.Stage();
        cache.PublishIfStaged();
        _disk.Fault = null;

        Assert.NotEmpty(crashed);
        foreach (MemoryDisk disk in crashed)
        {
            var found = new LeaderEpochCache(disk, "/p/leader-epoch-checkpoint");
            Assert.True(found.TryLoad());
            Assert.True(found.Entries.SequenceEqual(old) || found.Entries.SequenceEqual(cache.Entries), string.Join(", ", found.Entries));
        }
    }
}
