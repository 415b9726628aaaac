namespace OrleansLog.Grains.Replication;

/// <summary>How one broker lost another one.</summary>
public enum PeerLoss : byte
{
    /// <summary>The connection broke, or none could be made.</summary>
    Broken,

    /// <summary>Nobody listens where it did: its process is gone.</summary>
    Gone,

    /// <summary>It owes an answer for too long. It may only be slow, so the controller asks it, too.</summary>
    Silent,
}
