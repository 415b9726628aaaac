using OrleansLog.Grains.Disk;
using OrleansLog.TestKit;

namespace OrleansLog.Grains.Tests.Broker;

[Collection(nameof(Alone))]
public sealed class AllocationTests
{
    private const int Batches1MiB = 200;
    private static readonly TopicPartition Orders = new("orders", 0);

    [Theory]
    [InlineData("os")]
    [InlineData("ack")]
    public async Task A_batch_of_one_mebibyte_costs_less_than_a_kibibyte_of_allocations(string policy)
    {
        using var directory = new TempDirectory("allocations");
        await using var broker = await TestBroker.StartAsync(FileSystemDisk.Create(), directories: directory.Path);
        await broker.CreateTopicAsync("orders", 1, ("orleanslog.flush.policy", policy), ("max.message.bytes", "2000000"));
        var request = new ProduceRequest { Partition = Orders, Batch = Batches.OfSize(1024 * 1024), Acks = Acks.Leader };
        for (var i = 0; i < 20; i++)
            await broker.Local.ProduceAsync(request);

        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var i = 0; i < Batches1MiB; i++)
            Assert.Equal(ErrorCode.None, (await broker.Local.ProduceAsync(request)).Error);

        var perBatch = (GC.GetTotalAllocatedBytes(precise: true) - before) / Batches1MiB;
        Assert.True(perBatch < 1024, $"{perBatch} bytes per batch");
    }
}

/// <summary>Tests that measure the whole process run alone.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
