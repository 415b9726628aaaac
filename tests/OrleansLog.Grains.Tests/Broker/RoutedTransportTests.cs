using System.Reflection;
using System.Runtime.InteropServices;
using Orleans;
using OrleansLog.Core.Controller;
using OrleansLog.Grains.Fetching;
using OrleansLog.Grains.Partitions;
using OrleansLog.Grains.Tests.Replication;
using OrleansLog.TestKit;

namespace OrleansLog.Grains.Tests.Broker;

/// <summary>Requests for partitions of another broker, which is reached over Orleans, and what they hold meanwhile.</summary>
public sealed class RoutedTransportTests
{
    private const int Other = 2;

    private static readonly TopicPartition Here = new("here", 0);
    private static readonly TopicPartition There = new("there", 0);

    [Fact]
    public async Task A_batch_for_another_silo_is_sent_in_memory_of_its_own()
    {
        var frame = Batches.Of("a");
        ProduceRequest? sent = null;
        await using var broker = await StartAsync();
        var transport = TransportOf(broker, (_, args) =>
        {
            sent = (ProduceRequest)args[0]!;
            throw new TimeoutException("still in the queue of the connection");
        });

        var result = await transport.ProduceAsync(new ProduceRequest { Partition = There, Batch = frame, Acks = Acks.Leader, TimeoutMs = 7, CurrentLeaderEpoch = 3 }, default);

        Assert.Equal(ProduceOutcome.Unknown, result.Outcome);
        Assert.Equal((There, Acks.Leader, 7, 3), (sent!.Partition, sent.Acks, sent.TimeoutMs, sent.CurrentLeaderEpoch));
        Assert.Equal(frame, sent.Batch.ToArray());
        Assert.False(MemoryMarshal.TryGetArray<byte>(sent.Batch, out var memory) && memory.Array == frame);
    }

    [Fact]
    public void Group_requests_for_another_silo_are_sent_in_memory_of_their_own()
    {
        byte[] frame = [1, 2, 3];
        var join = new JoinGroupCall { GroupId = "g", ProtocolType = "consumer", Protocols = [new("range", frame)] }.WithOwnMemory();
        var sync = new SyncGroupCall { GroupId = "g", GenerationId = 1, MemberId = "m", Assignments = [new("m", frame)] }.WithOwnMemory();
        frame[0] = 9;
        Assert.Equal([1, 2, 3], join.Protocols[0].Metadata.ToArray());
        Assert.Equal([1, 2, 3], sync.Assignments[0].Assignment.ToArray());
    }

    [Fact]
    public async Task A_fetch_whose_other_broker_fails_gives_back_what_was_read_here()
    {
        await using var broker = await StartAsync();
        await broker.Local.StoredAsync(Here, "a");
        var transport = TransportOf(broker, static (_, _) => throw new InvalidOperationException("a fault of its own"));

        await Assert.ThrowsAsync<InvalidOperationException>(() => transport.FetchAsync(Both(), default).AsTask());

        Assert.Equal(0, broker.Local.FetchMemory.UsedBytes);
    }

    [Fact]
    public async Task A_fetch_that_is_cancelled_gives_back_what_comes_later()
    {
        await using var broker = await StartAsync();
        await broker.Local.StoredAsync(Here, "a");
        var remote = new TaskCompletionSource<FetchResult>();
        using var cancelling = new CancellationTokenSource();
        var transport = TransportOf(
            broker, (method, _) => method.Name == nameof(IBrokerGrain.EndWaitAsync) ? Task.CompletedTask : new ValueTask<FetchResult>(remote.Task));
        var fetching = transport.FetchAsync(Both(), cancelling.Token).AsTask();

        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetching);
        using var late = new Late();
        remote.SetResult(new FetchResult([new FetchPartitionResult()], late));

        await late.Disposed;
        Assert.Equal(0, broker.Local.FetchMemory.UsedBytes);
    }

    [Fact]
    public async Task A_fetch_answers_when_the_first_of_its_brokers_has_something()
    {
        await using var broker = await StartAsync();
        var remote = new TaskCompletionSource<FetchResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = new List<Guid>();
        var asked = new TaskCompletionSource<(FetchRequest Request, Guid WaitId)>(TaskCreationOptions.RunContinuationsAsynchronously);
        var transport = TransportOf(broker, (method, args) =>
        {
            if (method.Name == nameof(IBrokerGrain.EndWaitAsync))
            {
                ended.Add((Guid)args[0]!);
                remote.SetResult(new FetchResult([new FetchPartitionResult { HighWatermark = 7 }]));
                return Task.CompletedTask;
            }

            asked.SetResult(((FetchRequest)args[0]!, (Guid)args[1]!));
            return new ValueTask<FetchResult>(remote.Task);
        });
        var fetching = transport.FetchAsync(Both() with { MaxWaitMs = 600_000, MinBytes = 3 }, default).AsTask();
        var (request, waitId) = await asked.Task.WaitAsync(TimeSpan.FromMinutes(2));
        Assert.Equal((600_000, 2), (request.MaxWaitMs, request.MinBytes));

        await broker.Local.StoredAsync(Here, "a");
        using var result = await fetching.WaitAsync(TimeSpan.FromMinutes(2));
        Assert.Equal([waitId], ended);
        Assert.False(result.Partitions[0].Records.IsEmpty);
        Assert.Equal(7, result.Partitions[1].HighWatermark);
    }

    [Fact]
    public async Task What_another_broker_has_ends_the_wait_here()
    {
        await using var broker = await StartAsync();
        var remote = new TaskCompletionSource<FetchResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        var transport = TransportOf(broker, (_, _) => new ValueTask<FetchResult>(remote.Task));
        var fetching = transport.FetchAsync(Both() with { MaxWaitMs = 600_000 }, default).AsTask();
        await BrokerTrio.UntilAsync(() => broker.Local.FetchesWaiting == 1, "nothing waits here");

        remote.SetResult(new FetchResult([new FetchPartitionResult { Error = ErrorCode.NotLeaderOrFollower }]));
        using var result = await fetching.WaitAsync(TimeSpan.FromMinutes(2));
        Assert.Equal([ErrorCode.None, ErrorCode.NotLeaderOrFollower], result.Partitions.Select(partition => partition.Error));
        Assert.Equal(0, result.Partitions[0].HighWatermark);
    }

    [Fact]
    public async Task A_read_that_fails_in_the_middle_gives_back_what_was_read_before()
    {
        await using var broker = await StartAsync();
        await broker.Local.StoredAsync(Here, "a");
        var memory = new FetchMemory(1 << 20);
        var source = new FailsAtTheSecond(broker.Host.Replicas.Find(new(broker.Image.TopicIds["here"], 0, TestBroker.Id))!);

        Assert.Throws<InvalidOperationException>(() => FetchAttempt.Read(Both(), 1 << 20, memory, source, cachedOnly: false));

        Assert.Equal(0, memory.UsedBytes);
    }

    private static async Task<TestBroker> StartAsync()
    {
        var broker = await TestBroker.StartAsync(new MemoryDisk());
        await broker.CreateTopicAsync("here");
        return broker;
    }

    private static FetchRequest Both() => new()
    {
        Partitions = [new() { Partition = Here, FetchOffset = 0, MaxBytes = 1 << 20 }, new() { Partition = There, FetchOffset = 0, MaxBytes = 1 << 20 }],
        MaxBytes = 1 << 20,
        MinBytes = 1,
    };

    // The broker's own metadata, and one topic more, which the other broker leads.
    private static DirectTransport TransportOf(TestBroker broker, Func<MethodInfo, object?[], object?> answer)
    {
        var there = Guid.NewGuid();
        var metadata = new MetadataCache();
        metadata.Publish(MetadataDelta.Between(MetadataImage.Empty, broker.Image));
        metadata.Publish(broker.Image.Apply(broker.Image.Version + 1, [
            new TopicRecord(there, "there"),
            new PartitionRecord { TopicId = there, State = new PartitionImage { Partition = 0, Replicas = [Other], Directories = [Guid.NewGuid()], Isr = [Other], Leader = Other } },
        ]));
        var grain = InterfaceStub.Of<IBrokerGrain>(answer);
        var grains = InterfaceStub.Of<IGrainFactory>((_, args) => args[0] is (long)Other ? grain : throw new InvalidOperationException($"broker {args[0]}"));
        return new DirectTransport(broker.Host, metadata, new Gateway(metadata, broker.Host, grains, new ControllerCalls(grains, static () => [], new ControllerSeat(metadata), TimeProvider.System)), grains);
    }

    private sealed class FailsAtTheSecond(Partition first) : IFetchSource
    {
        public Partition? Find(TopicPartition name, out ErrorCode refusal)
        {
            refusal = ErrorCode.None;
            return name == Here ? first : throw new InvalidOperationException("a fault of its own");
        }
    }

    private sealed class Late : IDisposable
    {
        private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Disposed => _disposed.Task.WaitAsync(TimeSpan.FromMinutes(2));

        public void Dispose() => _disposed.TrySetResult();
    }
}
