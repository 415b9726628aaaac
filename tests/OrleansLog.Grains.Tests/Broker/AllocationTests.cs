using OrleansLog.Grains.Disk;
using OrleansLog.TestKit;

namespace OrleansLog.Grains.Tests.Broker;

[Collection(nameof(Alone))]
public sealed class AllocationTests
{
    private const int BatchCount = 3000;
    private static readonly TopicPartition Orders = new("orders", 0);

    [Theory]
    [InlineData("os")]
    [InlineData("ack")]
    public async Task A_batch_costs_a_few_dozen_bytes_of_allocations_whatever_its_size(string policy)
    {
        using var directory = new TempDirectory("allocations");
        await using var broker = await TestBroker.StartAsync(FileSystemDisk.Create(), directories: directory.Path);
        await broker.CreateTopicAsync("orders", 1, ("orleanslog.flush.policy", policy));
        var request = new ProduceRequest { Partition = Orders, Batch = Batches.OfSize(16 * 1024), Acks = Acks.Leader };
        for (var i = 0; i < 50; i++)
            await broker.Local.ProduceAsync(request);

        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var i = 0; i < BatchCount; i++)
            Assert.Equal(ErrorCode.None, (await broker.Local.ProduceAsync(request)).Error);

        var perBatch = (GC.GetTotalAllocatedBytes(precise: true) - before) / BatchCount;
        // 45 (os) and 80 (ack) when the process does nothing else; the rest is room for what the test runner does meanwhile.
        Assert.True(perBatch < 1024, $"{perBatch} bytes per batch");
    }
}

/// <summary>Tests that measure the whole process run alone.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
