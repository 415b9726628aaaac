using OrleansLog.Grains.Diagnostics;
using OrleansLog.Log;

namespace OrleansLog.Grains.Directories;

/// <summary>How a run begins in a log directory: nothing is appended before the directory says that it does (D11).</summary>
internal sealed partial class DataDirectory
{
    private (string ClusterId, long BrokerEpoch)? _unnoted;

    /// <summary>
    /// The broker was registered: the clean marker goes, a fresh directory learns its cluster, the epoch of this run is noted. A full disk
    /// that has no room for that refuses appends until it has.
    /// </summary>
    public bool OnRegistered(string clusterId, long brokerEpoch)
    {
        lock (_files)
            _unnoted = (clusterId, brokerEpoch);

        return TryBeginRun();
    }

    private bool TryBeginRun()
    {
        if (_log is null || _health == DirectoryHealth.Offline)
            return false;

        try
        {
            lock (_files)
            {
                if (_unnoted is not { } run)
                    return true;

                // The marker first: without a clean stop the next run must look at the ends of the logs that this one changes.
                _log.BeginRun();
                if (_log.ClusterId is null)
                    _log.SetClusterId(run.ClusterId);

                _log.RecordBrokerEpoch(run.BrokerEpoch);
                _unnoted = null;
            }

            return true;
        }
        catch (DiskException e)
        {
            _broker.Logger.RunNotNoted(Path, e);

            // With the marker still there not even retention may touch the logs.
            if (e.IsDiskFailure || !_log.HasBegunRun)
                MarkOffline(e);
            else
                MarkFull(e);

            return false;
        }
    }
}
