using OrleansLog.Protocol;

namespace OrleansLog.Simulation;

/// <summary>How a broker comes to an end, and back.</summary>
internal sealed partial class SimBroker
{
    private int _awayAfterStopMs;

    /// <summary>The process is killed; what it wrote is in the page cache.</summary>
    public void Kill(int awayMs)
    {
        if (Node.IsUp)
            End(awayMs);
    }

    /// <summary>The machine loses power, whether the process runs or not.</summary>
    public void LosePower(int awayMs)
    {
        Kill(awayMs);
        if (Disk.LosePower(world.Dice) > 0)
            world.Sightings.Saw(Sighting.PowerLossTookRecords);
    }

    /// <summary>One of its directories is lost, and an empty one is in its place.</summary>
    public void Wipe(int awayMs)
    {
        Kill(awayMs);
        Disk.Wipe(world.Dice.Below(world.Scenario.Directories), world.NewId());
    }

    /// <summary>It hands its leaderships over, stops and comes back.</summary>
    public void Stop(int awayMs)
    {
        if (!Acts || _wantsShutdown)
        {
            Kill(awayMs);
            return;
        }

        _wantsShutdown = true;
        _shutdownSinceMs = world.NowMs;
        _awayAfterStopMs = awayMs;
        world.At(world.NowMs, Node, Step.Poll, Poll);
    }

    /// <summary>A directory fails (S8); the cluster is told at once.</summary>
    public void FailDirectory(int directory)
    {
        if (!Node.IsUp || Node.IsPaused || !_failed.Add(Disk.IdOf(directory)))
            return;

        foreach (var partition in world.Partitions)
        {
            if (_replicas[partition.Index] is { } replica && replica.Directory == Disk.IdOf(directory))
            {
                replica.GoOffline(ErrorCode.KafkaStorageError);
                _replicas[partition.Index] = null;
            }
        }

        if (BrokerEpoch >= 0)
            Poll();
    }

    /// <summary>Everything that failed is mended.</summary>
    public void ForgetFaults()
    {
        if (HasFailedDirectory)
            Kill(10);
    }

    private void StopNow()
    {
        foreach (var replica in _replicas)
        {
            replica?.Log.WriteCheckpoint(replica.State.HighWatermark);
            replica?.GoOffline(ErrorCode.NotLeaderOrFollower);
        }

        Disk.StoppedCleanly(_failed);
        End(_awayAfterStopMs);
    }

    private void End(int awayMs)
    {
        world.Trace.Note(Step.Stopped, world.NowMs, id, awayMs);
        for (var i = world.Controllers.Count - 1; i >= 0; i--)
        {
            if (world.Controllers[i].Node == Node)
                world.Controllers[i].StepDown("its process is gone");
        }

        Array.Clear(_replicas);
        Node.Die();
        world.At(world.NowMs + awayMs, null, Step.Start, Start);
    }
}
