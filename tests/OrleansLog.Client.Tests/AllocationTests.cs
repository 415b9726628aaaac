namespace OrleansLog.Client.Tests;

/// <summary>Counts what the whole process allocates, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

[Collection(nameof(Alone))]
public sealed class AllocationTests : ClientTest
{
    [Fact]
    public async Task Producing_with_a_handler_allocates_nothing_for_a_record_and_little_for_a_batch()
    {
        Cluster.KeepsRecords = false;
        var handled = 0;
        DeliveryHandler handler = (in DeliveryReport report) => handled++;
        await using var client = LogClient.Create(Cluster, Cluster);
        await using var producer = client.CreateProducer<Unit, byte[]>(new ProducerOptions { BatchBytes = 1 << 20, LingerMs = 60_000 });
        var value = new byte[100];
        for (var round = 0; round < 3; round++)
        {
            // Held back, so that as many batches exist as can ever be needed, however slow the machine is.
            var held = new TaskCompletionSource();
            Cluster.OnProduce = async _ =>
            {
                await held.Task;
                return null;
            };
            for (var i = 0; i < 50_000; i++)
                await producer.Produce("t", default, value, handler);
            held.SetResult();
            await producer.FlushAsync();
        }

        Cluster.OnProduce = null;

        Cluster.Produced.Clear();
        var mine = GC.GetAllocatedBytesForCurrentThread();
        var all = GC.GetTotalAllocatedBytes(precise: true);
        var waits = 0;
        for (var i = 0; i < 50_000; i++)
        {
            var accepted = producer.Produce("t", default, value, handler);
            if (!accepted.IsCompletedSuccessfully)
            {
                waits++;
                await accepted;
            }
        }

        mine = GC.GetAllocatedBytesForCurrentThread() - mine;
        await producer.FlushAsync();
        all = GC.GetTotalAllocatedBytes(precise: true) - all;
        Assert.Equal(200_000, handled);
        Assert.Equal(0, waits);
        Assert.InRange(mine, 0, 2_000);
        Assert.InRange(all / Cluster.Produced.Count, 0, 4 * 1024);
    }
}
