namespace OrleansLog.Client.Tests;

/// <summary>Counts what the whole process allocates, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

[Collection(nameof(Alone))]
public sealed class AllocationTests : ClientTest
{
    private const int Records = 50_000;

    private readonly byte[] _value = new byte[100];
    private long _handled;

    [Fact]
    public async Task Producing_with_a_handler_allocates_nothing_for_a_record_and_little_for_a_batch()
    {
        Cluster.KeepsRecords = false;
        DeliveryHandler handler = (in DeliveryReport report) => _handled++;
        await using var client = LogClient.Create(Cluster, Cluster);
        await using var producer = client.CreateProducer<Unit, byte[]>(new ProducerOptions { BatchBytes = 1 << 20, LingerMs = 60_000 });
        for (var round = 0; round < 3; round++)
            await WarmUpAsync(producer, handler);

        Cluster.OnProduce = null;
        var (mineLeast, allLeast) = (long.MaxValue, long.MaxValue);
        for (var round = 0; round < 5; round++)
        {
            // The test runner allocates beside us, now and then: what every round allocates is ours.
            var (mine, all) = await MeasureAsync(producer, handler);
            (mineLeast, allLeast) = (Math.Min(mineLeast, mine), Math.Min(allLeast, all));
        }

        Assert.Equal(8 * Records, _handled);
        Assert.InRange(mineLeast, 0, 2_000);
        Assert.InRange(allLeast, 0, 4 * 1024);
    }

    // Held back, so that as many batches exist as can ever be needed, however slow the machine is.
    private async Task WarmUpAsync(ILogProducer<Unit, byte[]> producer, DeliveryHandler handler)
    {
        var held = new TaskCompletionSource();
        Cluster.OnProduce = async _ =>
        {
            await held.Task;
            return null;
        };
        for (var i = 0; i < Records; i++)
            await producer.Produce("t", default, _value, handler);
        held.SetResult();
        await producer.FlushAsync();
    }

    // Bytes that the calling thread allocated for all records, and the process for each batch.
    private async Task<(long Mine, long AllForBatch)> MeasureAsync(ILogProducer<Unit, byte[]> producer, DeliveryHandler handler)
    {
        Cluster.Produced.Clear();
        var all = GC.GetTotalAllocatedBytes(precise: true);
        var mine = ProduceAll(producer, handler);
        await producer.FlushAsync();
        return (mine, (GC.GetTotalAllocatedBytes(precise: true) - all) / Cluster.Produced.Count);
    }

    private long ProduceAll(ILogProducer<Unit, byte[]> producer, DeliveryHandler handler)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Records; i++)
#pragma warning disable CA2012 // That it is ready without an await is what is measured.
            Assert.True(producer.Produce("t", default, _value, handler).IsCompletedSuccessfully);
#pragma warning restore CA2012
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
