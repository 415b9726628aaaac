using OrleansLog.Grains.Partitions;

namespace OrleansLog.Grains.Replicas;

/// <summary>Who has to know which partitions this broker leads. Calls about one partition come one after the other; they are quick.</summary>
internal interface ILeadershipObserver
{
    /// <summary>An open partition has taken over what the metadata says; it may lead now, or lead no more.</summary>
    void Applied(Partition partition);

    /// <summary>A partition is about to close.</summary>
    void Closing(Partition partition);
}
