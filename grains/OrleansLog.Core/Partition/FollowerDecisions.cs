namespace OrleansLog.Core.Partition;

/// <summary>What a <see cref="FollowerState"/> decided; the caller carries it out in this order, confirms it, and clears it.</summary>
public sealed class FollowerDecisions
{
    /// <summary>Cut the log so that it ends here, then tell <see cref="FollowerState.Truncated"/>.</summary>
    public long? TruncateTo { get; set; }

    /// <summary>Empty the log and start it here, then tell <see cref="FollowerState.Restarted"/>.</summary>
    public long? RestartAt { get; set; }

    /// <summary>Append the records that came, then tell <see cref="FollowerState.Appended"/>.</summary>
    public bool Append { get; set; }

    /// <summary>The follower's new high watermark.</summary>
    public long? HighWatermark { get; set; }

    /// <summary>Records below this are gone at the leader; drop them here.</summary>
    public long? AdvanceLogStart { get; set; }

    /// <summary>Pause before the next fetch, in milliseconds; 0 for none.</summary>
    public int BackOffMs { get; set; }

    /// <summary>Makes room for the decisions of the next event.</summary>
    public void Clear()
    {
        TruncateTo = null;
        RestartAt = null;
        Append = false;
        HighWatermark = null;
        AdvanceLogStart = null;
        BackOffMs = 0;
    }
}
