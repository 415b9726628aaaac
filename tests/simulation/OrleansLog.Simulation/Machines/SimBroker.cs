using OrleansLog.Core.Controller;
using OrleansLog.Core.Partition;
using OrleansLog.Protocol;

namespace OrleansLog.Simulation;

/// <summary>A broker: its process, its disk, and what its process does: registers, follows the metadata, opens replicas.</summary>
internal sealed partial class SimBroker(World world, int id)
{
    /// <summary>How often it looks after its replicas.</summary>
    public const int TickMs = 100;

    private readonly SimReplica?[] _replicas = new SimReplica?[16];
    private readonly HashSet<Guid> _failed = [];
    private Guid _incarnation;
    private int _generation;

    public int Id => id;

    public SimNode Node { get; } = new(id);

    public SimDisk Disk { get; } = new(world.Scenario.Directories, world.NewId);

    public string SiloAddress => $"127.0.0.1:{11110 + id}@{_generation}";

    /// <summary>Epoch of its registration, or -1.</summary>
    public long BrokerEpoch { get; private set; } = -1;

    /// <summary>The metadata that it has applied.</summary>
    public MetadataImage Image { get; private set; } = MetadataImage.Empty;

    /// <summary>It has applied its own registration, so that nothing from before it misleads it.</summary>
    public bool Acts { get; private set; }

    public bool HasFailedDirectory => _failed.Count > 0;

    /// <summary>The open replica of a partition, or null.</summary>
    public SimReplica? Replica(PartitionHistory partition) => Node.IsUp ? _replicas[partition.Index] : null;

    /// <summary>Whether its process is the one that the cluster's newest metadata knows.</summary>
    public bool IsTheRegisteredOne => Node.IsUp && Acts && world.Database.Image.FindBroker(id) is { } broker && broker.Epoch == BrokerEpoch;

    public void Start()
    {
        if (Node.IsUp)
            return;

        Node.Start();
        _generation++;
        _incarnation = world.NewId();
        _failed.Clear();
        _unclean = [.. Disk.MayHaveLostUnsynced];
        Disk.Started();
        world.Metadata.Started(_incarnation, _unclean);
        Image = MetadataImage.Empty;
        (BrokerEpoch, Acts, _wantsShutdown, _controller, _controllerEpoch) = (-1, false, false, null, 0);
        world.Trace.Say(world.NowMs, $"broker {id} starts{(MayHaveLost ? ", and may have lost records" : "")}");
        Register();
        Tick();
    }

    /// <summary>A follower's fetch for one partition has arrived.</summary>
    public void Fetch(SimProcess from, PartitionHistory partition, long brokerEpoch, FollowerFetch ask, Action<FollowerFetchReply, SimRecord[]> reply)
    {
        if (Replica(partition) is { } replica)
        {
            replica.FetchArrived(from, brokerEpoch, ask, reply);
            return;
        }

        var refusal = new FollowerFetchReply(ask, ErrorCode.UnknownTopicOrPartition, null, -1, -1, -1, 0);
        world.Network.Send(Node, from, Step.Fetched, () => reply(refusal, []));
    }

    /// <summary>Whether a replica may be in an ISR, as far as this broker knows.</summary>
    public bool MayJoinIsr(PartitionHistory partition, int brokerId, long brokerEpoch) =>
        Image.FindBroker(brokerId) is { IsActive: true } broker && broker.Epoch == brokerEpoch
        && Image.FindPartition(partition.TopicId, partition.Number)?.DirectoryOf(brokerId) is { } directory && broker.IsOnline(directory);

    private void Tick()
    {
        world.At(world.NowMs + TickMs, Node, Step.Tick, Tick);
        CheckSession();
        foreach (var replica in _replicas)
        {
            if (replica is null)
                continue;

            replica.Tick();
            if (Image.FindPartition(replica.Partition.TopicId, replica.Partition.Number)?.DirectoryOf(id) == DirectoryIds.Unassigned)
                AssignDirectory(replica);
        }
    }

    private void Apply(MetadataImage image)
    {
        if (image.Version <= Image.Version)
            return;

        var before = Image;
        Image = image;
        if (image.Version < BrokerEpoch && world.Broken != ShellMutation.ActBeforeRegistration)
            return;

        var isFirst = !Acts;
        if (isFirst)
        {
            Acts = true;
            Disk.Recovered(_failed);
        }

        foreach (var partition in world.Partitions)
        {
            if (image.FindPartition(partition.TopicId, partition.Number) is { } now
                && (isFirst || !ReferenceEquals(now, before.FindPartition(partition.TopicId, partition.Number))))
                Apply(partition, now);
        }
    }

    private void Apply(PartitionHistory partition, PartitionImage now)
    {
        var directory = now.DirectoryOf(id) ?? DirectoryIds.Lost;
        if (directory == DirectoryIds.Unassigned)
            directory = Disk.Choose(partition.Index, _failed);

        if (_replicas[partition.Index] is { } open && open.Directory != directory)
        {
            open.GoOffline(ErrorCode.NotLeaderOrFollower);
            _replicas[partition.Index] = null;
        }

        foreach (var other in Disk.Ids)
        {
            if (other != directory)
                Disk.Delete(other, partition.Index);
        }

        if (_failed.Contains(directory) || !Disk.Has(directory))
            return;

        var replica = _replicas[partition.Index] ??= new SimReplica(world, this, partition, directory, Disk.Open(directory, partition.Index));
        replica.Apply(now);
    }
}
