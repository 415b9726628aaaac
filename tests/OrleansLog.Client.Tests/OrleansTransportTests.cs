using Orleans;
using OrleansLog.TestKit;

namespace OrleansLog.Client.Tests;

public class OrleansTransportTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_fetch_that_is_given_up_ends_its_wait_at_the_broker()
    {
        var asked = new TaskCompletionSource<Guid>(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = new TaskCompletionSource<Guid>(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = new TaskCompletionSource<FetchResult>();
        var broker = InterfaceStub.Of<IBrokerGrain>((method, args) =>
        {
            if (method.Name == nameof(IBrokerGrain.EndWaitAsync))
            {
                ended.SetResult((Guid)args[0]!);
                return Task.CompletedTask;
            }

            asked.SetResult((Guid)args[1]!);
            return new ValueTask<FetchResult>(answer.Task);
        });
        var transport = await ConnectAsync(broker);
        using var giveUp = new CancellationTokenSource();
        var fetching = transport.FetchAsync(Request, giveUp.Token).AsTask();
        var waitId = await asked.Task.WaitAsync(Patience);
        Assert.NotEqual(default, waitId);
        Assert.False(ended.Task.IsCompleted);

        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetching.WaitAsync(Patience));
        Assert.Equal(waitId, await ended.Task.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_fetch_that_nobody_can_give_up_has_no_wait_to_end()
    {
        var broker = InterfaceStub.Of<IBrokerGrain>(static (_, args) => (Guid)args[1]! == default
            ? new ValueTask<FetchResult>(new FetchResult([new FetchPartitionResult { HighWatermark = 5 }]))
            : throw new InvalidOperationException("it is named"));
        var transport = await ConnectAsync(broker);

        using var result = await transport.FetchAsync(Request, default);
        Assert.Equal(5, Assert.Single(result.Partitions).HighWatermark);
    }

    private static FetchRequest Request => new()
    {
        Partitions = [new() { Partition = new("t", 0), FetchOffset = 0, MaxBytes = 1 << 20 }],
        MaxBytes = 1 << 20,
        MinBytes = 1,
        MaxWaitMs = 600_000,
    };

    /// <summary>A cluster of one broker, which leads the topic.</summary>
    private static async Task<OrleansTransport> ConnectAsync(IBrokerGrain broker)
    {
        var metadata = new ClusterMetadata
        {
            ClusterId = "c",
            Topics = [new TopicDescription { Name = "t", Partitions = [new PartitionDescription { Partition = 0, LeaderId = 1, Replicas = [1], Isr = [1] }] }],
        };
        var gateway = InterfaceStub.Of<IGatewayGrain>((_, _) => new ValueTask<ClusterMetadata>(metadata));
        var transport = new OrleansTransport(InterfaceStub.Of<IGrainFactory>((method, _) => method.ReturnType == typeof(IGatewayGrain) ? gateway : broker));
        await transport.GetMetadataAsync(["t"], -1, default);
        return transport;
    }
}
