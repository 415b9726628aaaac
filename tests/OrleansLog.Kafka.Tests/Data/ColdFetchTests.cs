using Microsoft.Extensions.DependencyInjection;
using OrleansLog.Kafka.Tests.Network;
using OrleansLog.Log;
using OrleansLog.Protocol;
using OrleansLog.Protocol.Messages;
using OrleansLog.TestKit;

namespace OrleansLog.Kafka.Tests.Data;

/// <summary>One client's old records, which only the disk has, hold no other client up.</summary>
public sealed class ColdFetchTests
{
    [Fact]
    public async Task Who_reads_what_is_in_memory_does_not_wait_for_the_disk_with_who_reads_what_is_not()
    {
        var disk = new MemoryDisk();
        await using var broker = await KafkaBroker.StartAsync(null, services => services.AddSingleton<IDisk>(disk), ("num.network.threads", "1"));
        await broker.CreateTopicAsync("cold");
        await broker.CreateTopicAsync("warm");
        using var first = await broker.ConnectRawAsync();
        using var second = await broker.ConnectRawAsync();
        await ProduceAsync(first, "cold", 0);
        using var free = new ManualResetEventSlim();
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        disk.IsCached = static path => !IsCold(path);
        disk.Fault = (operation, path) =>
        {
            if (operation == "read" && IsCold(path))
            {
                reached.TrySetResult();
                free.Wait();
            }

            return null;
        };

        try
        {
            var cold = first.AskAsync<FetchRequestData, FetchResponseData>(Requests.Fetch("cold", 0), Requests.FetchVersion);
            await reached.Task.WaitAsync(TimeSpan.FromMinutes(2));
            for (var offset = 0; offset < 3; offset++)
            {
                await ProduceAsync(second, "warm", offset);
                var warm = await second.AskAsync<FetchRequestData, FetchResponseData>(Requests.Fetch("warm", offset), Requests.FetchVersion);
                Assert.Equal((ErrorCode.None, offset + 1), (warm.Responses[0].Partitions[0].ErrorCode, warm.Responses[0].Partitions[0].HighWatermark));
                Assert.False(warm.Responses[0].Partitions[0].Records!.Value.IsEmpty);
            }

            Assert.False(cold.IsCompleted);
            free.Set();
            var partition = (await cold).Responses[0].Partitions[0];
            Assert.Equal((ErrorCode.None, false), (partition.ErrorCode, partition.Records!.Value.IsEmpty));
        }
        finally
        {
            free.Set();
        }
    }

    private static bool IsCold(string path) => path.Contains("/cold-0/", StringComparison.Ordinal) && path.EndsWith(".log", StringComparison.Ordinal);

    private static async Task ProduceAsync(RawClient client, string topic, long offset)
    {
        var response = await client.AskAsync<ProduceRequestData, ProduceResponseData>(Requests.Produce(topic, [1]), Requests.ProduceVersion);
        Assert.Equal((ErrorCode.None, offset), (response.Responses[0].PartitionResponses[0].ErrorCode, response.Responses[0].PartitionResponses[0].BaseOffset));
    }
}
