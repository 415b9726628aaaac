using OrleansLog.Core.Controller;
using OrleansLog.Protocol;

namespace OrleansLog.Grains;

/// <summary>ISRs, elections and reassignments.</summary>
internal sealed partial class ControllerGrain
{
    private static readonly TimeSpan PingTimeout = TimeSpan.FromMilliseconds(700);

    /// <inheritdoc/>
    public Task<IsrChangeResults> AlterPartitionAsync(IsrChanges changes)
    {
        var request = changes.ToRequest();
        return OrNotControllerAsync(
            async () =>
            {
                var answer = await _shell.DecideAsync((state, _) => state.AlterPartition(request));
                return answer.LetsLeaderRollBack && !await _shell.VerifyHeadAsync()
                    ? ReplicationMapping.NotController(_shell.ControllerEpoch)
                    : answer.ToResults(_shell.ControllerEpoch, _shell.Committed.Version);
            },
            _ => ReplicationMapping.NotController(_shell.ControllerEpoch));
    }

    /// <inheritdoc/>
    public Task<ErrorCode> ReportUnreachableAsync(int reporterId, long reporterEpoch, int brokerId, long brokerEpoch, bool isSilent) => OrNotControllerAsync(
        async () => isSilent && await AnswersAsync(brokerId)
            ? ErrorCode.None
            : await _shell.DecideAsync((state, _) => state.BrokerUnreachable(reporterId, reporterEpoch, brokerId, brokerEpoch)),
        _ => ErrorCode.NotController);

    /// <summary>Whether a broker that is silent to another one answers the controller soon: then it is only the other's fetch that is slow, or their link.</summary>
    private async Task<bool> AnswersAsync(int brokerId)
    {
        if (SiloIsDead(brokerId))
            return false;

        var answer = GrainFactory.GetGrain<IBrokerGrain>(brokerId).PingAsync();
        await answer.WaitAsync(PingTimeout, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        answer.Ignore();
        return answer.IsCompletedSuccessfully;
    }

    /// <inheritdoc/>
    public Task<PartitionResults> ElectLeadersAsync(ElectionType type, TopicPartition[]? partitions)
    {
        var request = new ElectLeaders((ElectionKind)type, partitions is null ? null : [.. partitions.Select(asked => (asked.Topic, asked.Partition))]);
        return DecidePartitionsAsync(state => state.ElectLeaders(request));
    }

    /// <inheritdoc/>
    public Task<PartitionResults> AlterPartitionReassignmentsAsync(PartitionReassignment[] reassignments, bool mayChangeFactor)
    {
        Reassign[] request = [.. reassignments.Select(asked => new Reassign(asked.Topic, asked.Partition, asked.Replicas))];
        return DecidePartitionsAsync(state => state.AlterReassignments(request, mayChangeFactor));
    }

    private Task<PartitionResults> DecidePartitionsAsync(Func<ControllerState, Decision<PartitionAnswer[]>> decide) => OrNotControllerAsync(
        async () => (await _shell.DecideAsync((state, _) => decide(state))).ToResults(_shell.Committed.Version),
        ControllerMapping.NotController);
}
