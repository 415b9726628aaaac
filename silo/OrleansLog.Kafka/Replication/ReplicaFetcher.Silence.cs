using OrleansLog.Core.Configuration;
using OrleansLog.Grains.Replication;
using OrleansLog.Kafka.Diagnostics;

namespace OrleansLog.Kafka.Replication;

/// <summary>A leader that stands still, or is cut off, resets no connection: what it owes for too long is told to the controller.</summary>
internal sealed partial class ReplicaFetcher
{
    private readonly SilenceWatch _silence;
    private readonly ITimer _ticking;
    private Task _tellingSilence = Task.CompletedTask;
    private long _silenceToldEpoch = -1;

    private static SilenceWatch WatchOf(BrokerConfig config) =>
        new(config.ReplicaSilenceMaxMs == 0 ? 0 : (long)config.ReplicaFetchWaitMaxMs + config.ReplicaSilenceMaxMs);

    /// <summary>Ticks while there is something to fetch.</summary>
    private void TickWhile(bool isFetching)
    {
        if (!_silence.IsOn)
            return;

        var tick = isFetching ? TimeSpan.FromMilliseconds(SilenceWatch.TickMs) : Timeout.InfiniteTimeSpan;
        _ticking.Change(tick, tick);
    }

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
                _logger.LeaderSilent(_leaderId, _silence.SilenceMaxMs);

            _silenceToldEpoch = epoch;
            if (await IsReportedAsync(epoch, PeerLoss.Silent).ConfigureAwait(false))
                _silence.Heard();
        }
        catch (Exception error) when (!_stopping.IsCancellationRequested)
        {
            _logger.FetcherFailed(_leaderId, error);
        }
    }
}
