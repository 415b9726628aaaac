using Orleans.Concurrency;
using Orleans.GrainDirectory;
using Orleans.Placement;
using OrleansLog.Grains.Placement;

namespace OrleansLog.Grains;

/// <summary>The door to this silo's broker for callers on other processes; refuses to be on any other silo (D1).</summary>
[BrokerPlacement, GrainDirectory(PinnedGrainDirectory.Name), KeepAlive, Immovable]
internal sealed class BrokerGrain(BrokerHost host, ControllerCalls controller) : Grain, IBrokerGrain
{
    private static readonly TimeSpan ControllerAnswerMost = TimeSpan.FromMilliseconds(500);

    private readonly PartitionTurns _producing = new();
    private readonly Dictionary<Guid, CancellationTokenSource> _waits = [];

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (this.GetPrimaryKeyLong() != host.BrokerId)
            throw new InvalidOperationException($"this silo is broker {host.BrokerId}, not {this.GetPrimaryKeyLong()}");

        return Task.CompletedTask;
    }

    public Task PingAsync() => Task.CompletedTask;

    public Task<bool> HearsControllerAsync(long controllerEpoch) => controller.HearsAsync(controllerEpoch, ControllerAnswerMost);

    // Batches are checked, and sometimes compressed anew: one grain's turn would be too little for a broker's.
    public ValueTask<ProduceResult> ProduceAsync(ProduceRequest request) =>
        _producing.RunAsync(request.Partition, () => host.Local.ProduceAsync(request));

    public async ValueTask<FetchResult> FetchAsync(FetchRequest request, Guid waitId)
    {
        var capped = request.MaxWaitMs <= GrainCalls.WaitMsMax ? request : request with { MaxWaitMs = GrainCalls.WaitMsMax };

        // Reads touch the disk, so they leave the grain's turn (D4).
        var local = host.Local;
        using var wait = waitId == default ? null : new CancellationTokenSource();
        var isAdded = wait is not null && _waits.TryAdd(waitId, wait);
        try
        {
            return await Task.Run(() => local.FetchOwnedAsync(capped, wait?.Token ?? default).AsTask());
        }
        finally
        {
            if (isAdded)
                _waits.Remove(waitId);
        }
    }

    public Task EndWaitAsync(Guid waitId) => _waits.TryGetValue(waitId, out var wait) ? wait.CancelAsync() : Task.CompletedTask;

    public async ValueTask<ListOffsetsResult[]> ListOffsetsAsync(ListOffsetsQuery[] queries, IsolationLevel isolation)
    {
        var local = host.Local;
        return await Task.Run(() => local.ListOffsetsAsync(queries, isolation).AsTask());
    }

    public ValueTask<DeleteRecordsResult[]> DeleteRecordsAsync(DeleteRecordsQuery[] queries) => host.Local.DeleteRecordsAsync(queries);

    public async ValueTask<LogDirDescription[]> DescribeLogDirsAsync()
    {
        var local = host.Local;
        return await Task.Run(() => local.DescribeLogDirsAsync().AsTask());
    }

    public ValueTask<ConfigValue[]> DescribeConfigAsync() => new(ConfigDescriptions.OfBroker(host.Config));

    public ValueTask<ListGroupsResult> ListGroupsAsync(string[] states, string[] types) =>
        host.Groups.ListAsync(states, types);
}
