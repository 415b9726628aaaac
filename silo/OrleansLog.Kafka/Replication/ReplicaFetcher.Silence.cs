using OrleansLog.Grains.Replication;
using OrleansLog.Kafka.Diagnostics;

namespace OrleansLog.Kafka.Replication;

/// <summary>A leader that stands still, or is cut off, resets no connection: what it owes for too long is told to the controller.</summary>
internal sealed partial class ReplicaFetcher
{
    private readonly SilenceWatch _silence;
    private readonly ITimer? _ticking;
    private Task _tellingSilence = Task.CompletedTask;
    private long _silenceToldEpoch = -1;

    private static long SilenceMaxMs(int waitMaxMs, int silenceMaxMs) => silenceMaxMs == 0 ? 0 : (long)waitMaxMs + silenceMaxMs;

    // On the timer, which does not overlap itself while this is quick.
    private void Tick()
    {
        if (_silence.Tick() && _tellingSilence.IsCompleted && !_stopping.IsCancellationRequested)
            _tellingSilence = TellSilenceAsync();
    }

    /// <summary>Told, it is told of again only after as long a silence once more; where the controller could not be told, with the next tick.</summary>
    private async Task TellSilenceAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var epoch = Volatile.Read(ref _leaderEpoch);
        try
        {
            if (_silenceToldEpoch != epoch)
                _logger.LeaderSilent(_leaderId, SilenceMaxMs(_config.ReplicaFetchWaitMaxMs, _config.ReplicaSilenceMaxMs));

            _silenceToldEpoch = epoch;
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            limit.CancelAfter(ReportTimeout);
            if (await _broker.ReportUnreachableAsync(_leaderId, epoch, PeerLoss.Silent, limit.Token).ConfigureAwait(false))
                _silence.Heard();
        }
        catch (Exception error) when (!_stopping.IsCancellationRequested)
        {
            _logger.FetcherFailed(_leaderId, error);
        }
    }
}
