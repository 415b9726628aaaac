using OrleansLog.Grains.Disk;
using OrleansLog.Log;
using OrleansLog.TestKit;

namespace OrleansLog.Grains.Tests.Broker;

public sealed class ProduceAndFetchTests
{
    private static readonly TopicPartition Orders = new("orders", 0);

    [Fact]
    public Task What_is_produced_in_memory_is_fetched_in_order() => ProducedIsFetched(new MemoryDisk(), "/data");

    [Fact]
    public async Task What_is_produced_on_the_file_system_is_fetched_in_order()
    {
        using var directory = new TempDirectory("broker");
        await ProducedIsFetched(FileSystemDisk.Create(), directory.Path);
    }

    [Fact]
    public async Task What_is_produced_through_the_portable_disk_is_fetched_in_order()
    {
        using var directory = new TempDirectory("broker");
        await ProducedIsFetched(FileSystemDisk.CreatePortable(), directory.Path);
    }

    private static async Task ProducedIsFetched(IDisk disk, string directory)
    {
        await using var broker = await TestBroker.StartAsync(disk, directories: directory);
        await broker.CreateTopicAsync("orders");
        for (var i = 0; i < 20; i++)
            Assert.Equal(i * 2, await broker.Local.StoredAsync(Orders, $"a{i}", $"b{i}"));

        var expected = Enumerable.Range(0, 20).SelectMany(i => new[] { $"a{i}", $"b{i}" });
        Assert.Equal(expected, await broker.Local.ReadAllAsync(Orders));
        Assert.Equal(["b7", "a8"], (await broker.Local.ReadAllAsync(Orders, 15)).Take(2));
    }
}
