using OrleansLog.Core.Controller;
using OrleansLog.Grains.Tests.Broker;

namespace OrleansLog.Grains.Tests.Controller;

public class MetadataCacheTests
{
    private readonly MetadataCache _cache = new();

    [Fact]
    public async Task A_wait_ends_with_the_version_it_asked_for_and_not_before()
    {
        var second = _cache.WaitForVersionAsync(2).AsTask();
        var first = _cache.WaitForVersionAsync(1).AsTask();

        Publish();
        Assert.Equal(1, (await first).Version);
        Assert.False(second.IsCompleted);

        Publish();
        Assert.Equal(2, (await second).Version);
        Assert.True(_cache.WaitForVersionAsync(1).AsTask().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Who_stops_waiting_is_forgotten()
    {
        var time = TestBroker.Clock();
        using var cancellation = new CancellationTokenSource();
        var cancelled = _cache.WaitForVersionAsync(5, cancellation.Token).AsTask();
        var timedOut = _cache.WaitForVersionAsync(long.MaxValue, TimeSpan.FromSeconds(30), time).AsTask();
        var stays = _cache.WaitForVersionAsync(1).AsTask();
        Assert.Equal(3, _cache.Waiting);

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        time.Advance(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAsync<TimeoutException>(() => timedOut);

        Assert.Equal(1, _cache.Waiting);
        Publish();
        await stays;
        Assert.Equal(0, _cache.Waiting);
    }

    [Fact]
    public void Changes_are_told_in_order_and_after_the_image_has_moved()
    {
        var seen = new List<(long Told, long Current)>();
        _cache.Changed += delta => seen.Add((delta.Current.Version, _cache.Version));

        Publish();
        Publish();

        Assert.Equal([(1, 1), (2, 2)], seen);
    }

    [Fact]
    public void A_change_that_does_not_follow_is_refused()
    {
        var stale = _cache.Current.Apply(1, []);
        Publish();

        Assert.Throws<InvalidOperationException>(() => _cache.Publish(stale));
    }

    [Fact]
    public void A_heartbeat_brings_snapshot_and_versions_and_what_is_known_is_skipped()
    {
        var id = Guid.NewGuid();
        var snapshot = new MetadataEntry(5, MetadataRecordCodec.Encode(5, 1, [new TopicRecord(id, "a")]));
        MetadataEntry[] entries =
        [
            new(6, MetadataRecordCodec.Encode(6, 1, [new TopicRecord(Guid.NewGuid(), "b")])),
            new(7, MetadataRecordCodec.Encode(7, 1, [new TopicRemovedRecord(id)])),
        ];

        MetadataFeed.Apply(_cache, snapshot, entries);
        MetadataFeed.Apply(_cache, snapshot, entries[..1]);

        Assert.Equal(7, _cache.Version);
        Assert.Equal(["b"], _cache.Current.TopicIds.Keys);
    }

    private void Publish() => _cache.Publish(_cache.Current.Apply(_cache.Version + 1, []));
}
