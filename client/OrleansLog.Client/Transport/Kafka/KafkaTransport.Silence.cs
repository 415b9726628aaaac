using OrleansLog.Protocol.Messages;

namespace OrleansLog.Client;

/// <summary>
/// A broker that stands still or is cut off resets no connection: without more, what was asked of it would wait for the request's timeout, long after
/// the cluster has chosen other leaders. So when one is silent, another one is asked who is of the cluster, and what waits for one that is not ends.
/// </summary>
internal sealed partial class KafkaTransport
{
    private const double SilenceMs = 1_000;
    private const double ProbeAgainMs = 500;
    private const int ProbeMsMax = 2_000;

    private Task _probe = Task.CompletedTask;
    private long? _probedAt;

    // On the timer, which does not overlap itself while this is quick.
    private void LookAfterSilent(KafkaBroker[] brokers, long now)
    {
        if (!_probe.IsCompleted || (_probedAt is { } probedAt && _environment.Time.GetElapsedTime(probedAt, now).TotalMilliseconds < ProbeAgainMs))
            return;
        var silent = Array.FindAll(brokers, broker => broker.IsSilent(now, SilenceMs));
        if (silent.Length == 0)
            return;
        _probedAt = now;
        Own(_probe = AskAboutAsync(silent));
    }

    private async Task AskAboutAsync(KafkaBroker[] silent)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        foreach (var witness in Candidates().Except(silent))
        {
            if (await MembersAsync(witness).ConfigureAwait(false) is not { Count: > 0 } members)
                continue;
            var gone = Array.FindAll(silent, broker => !members.Exists(member => new KafkaAddress(member.Host, member.Port) == broker.Address));
            lock (_gate)
            {
                if (Array.Exists(gone, broker => broker == _home))
                    _home = witness;
            }

            Learn(members);
            foreach (var broker in gone)
                broker.Break(KafkaFailure.Network($"The broker at {broker.Address} has been silent, and is not a member of the cluster any more."));
            return;
        }
    }

    // Null: it did not answer soon, or not well.
    private async Task<List<MetadataResponseData.MetadataResponseBroker>?> MembersAsync(KafkaBroker witness)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(ProbeMsMax), _environment.Time);
        try
        {
            var answer = await AskAsync<MetadataRequestData, MetadataResponseData>(
                witness, new MetadataRequestData { Topics = [], AllowAutoTopicCreation = false }, MetadataMin, MetadataMax, KafkaLaneKind.Short, waitMs: 0, limit.Token).ConfigureAwait(false);
            return answer.Response?.Brokers;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }
}
