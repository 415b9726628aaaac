using System.Collections.Immutable;

namespace OrleansLog.Core.Controller;

/// <summary>The cluster's metadata at one version of its log: immutable, and safe to read from any thread.</summary>
public sealed class MetadataImage
{
    internal static readonly ImmutableSortedDictionary<string, string> NoConfigs =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    internal MetadataImage()
    {
    }

    /// <summary>Nothing applied yet.</summary>
    public static MetadataImage Empty { get; } = new();

    /// <summary>Version of the log that this image shows; 0 before the first.</summary>
    public long Version { get; internal init; }

    /// <summary>Epoch of the controller that wrote last, or 0.</summary>
    public long ControllerEpoch { get; internal init; }

    /// <summary>Silo of that controller.</summary>
    public string ControllerSilo { get; internal init; } = "";

    /// <summary>Id of the cluster, as Kafka writes uuids; empty before the first controller.</summary>
    public string ClusterId { get; internal init; } = "";

    /// <summary>What brokers prove to each other that they are of this cluster (D13); empty before a controller that knows of it.</summary>
    public string ClusterSecret { get; internal init; } = "";

    /// <summary>The first producer id that was given to no broker.</summary>
    public long NextProducerId { get; internal init; }

    /// <summary>Finalized feature levels by name.</summary>
    public ImmutableSortedDictionary<string, short> Features { get; internal init; } =
        ImmutableSortedDictionary.Create<string, short>(StringComparer.Ordinal);

    /// <summary>Registered brokers by id.</summary>
    public ImmutableSortedDictionary<int, BrokerImage> Brokers { get; internal init; } = ImmutableSortedDictionary<int, BrokerImage>.Empty;

    /// <summary>Topics by id.</summary>
    public ImmutableDictionary<Guid, TopicImage> Topics { get; internal init; } = ImmutableDictionary<Guid, TopicImage>.Empty;

    /// <summary>Topic ids by name, in ordinal order of the names.</summary>
    public ImmutableSortedDictionary<string, Guid> TopicIds { get; internal init; } =
        ImmutableSortedDictionary.Create<string, Guid>(StringComparer.Ordinal);

    /// <summary>Dynamic configurations by owner.</summary>
    public ImmutableDictionary<ConfigOwner, ImmutableSortedDictionary<string, string>> Configs { get; internal init; } =
        ImmutableDictionary<ConfigOwner, ImmutableSortedDictionary<string, string>>.Empty;

    /// <summary>Optional records that this build does not know, kept for the builds that do.</summary>
    public ImmutableList<UnknownRecord> UnknownRecords { get; internal init; } = [];

    /// <summary>Number of partitions of all topics.</summary>
    public int PartitionCount { get; internal init; }

    /// <summary>The finalized <c>metadata.version</c>, or 0.</summary>
    public short MetadataVersion => Features.GetValueOrDefault(MetadataVersions.FeatureName);

    /// <summary>A topic by name, or null.</summary>
    public TopicImage? FindTopic(string name) => TopicIds.TryGetValue(name, out var id) ? Topics[id] : null;

    /// <summary>A topic by id, or null.</summary>
    public TopicImage? FindTopic(Guid id) => Topics.GetValueOrDefault(id);

    /// <summary>A partition, or null.</summary>
    public PartitionImage? FindPartition(Guid topicId, int partition) => FindTopic(topicId)?.Find(partition);

    /// <summary>A registered broker, or null.</summary>
    public BrokerImage? FindBroker(int id) => Brokers.GetValueOrDefault(id);

    /// <summary>Whether a replica can be served: its broker is not fenced, and has the replica's directory.</summary>
    /// <param name="partition">A partition of this image.</param>
    /// <param name="brokerId">One of its replicas.</param>
    public bool IsServed(PartitionImage partition, int brokerId) =>
        FindBroker(brokerId) is { Fenced: false } broker && partition.DirectoryOf(brokerId) is { } directory && broker.IsOnline(directory);

    /// <summary>Dynamic configuration of an owner; empty when nothing is set.</summary>
    public ImmutableSortedDictionary<string, string> ConfigsOf(ConfigOwner owner) => Configs.GetValueOrDefault(owner, NoConfigs);

    /// <summary>The broker whose silo hosts the controller, or -1.</summary>
    public int ControllerId
    {
        get
        {
            foreach (var (id, broker) in Brokers)
            {
                if (broker.SiloAddress == ControllerSilo)
                {
                    return id;
                }
            }

            return -1;
        }
    }

    /// <summary>
    /// The broker that clients are told is the controller: the one whose silo hosts it. Where that silo is no broker it is whichever broker answers, as
    /// with KRaft's: every broker passes on what is for the controller. -1 where no broker may lead.
    /// </summary>
    /// <param name="answering">The broker that answers the client.</param>
    public int ControllerIdTold(int answering)
    {
        if (ControllerId is >= 0 and var host)
        {
            return host;
        }

        if (FindBroker(answering) is { Fenced: false })
        {
            return answering;
        }

        foreach (var (id, broker) in Brokers)
        {
            if (!broker.Fenced)
            {
                return id;
            }
        }

        return -1;
    }

    /// <summary>Applies one version of the log.</summary>
    /// <param name="version">Its number: one more than <see cref="Version"/>.</param>
    /// <param name="records">Its records.</param>
    /// <exception cref="MetadataFormatException">The records do not fit this image.</exception>
    public MetadataDelta Apply(long version, IReadOnlyList<MetadataRecord> records)
    {
        if (version != Version + 1)
        {
            throw new MetadataFormatException($"metadata version {version} cannot follow version {Version}: a version is missing or doubled");
        }

        return new MetadataImageBuilder(this, version).ApplyAll(records).Build();
    }

    /// <summary>An image from a snapshot.</summary>
    /// <param name="version">Version that the snapshot shows.</param>
    /// <param name="records">All of its records, as <see cref="ToRecords"/> gives them.</param>
    public static MetadataImage FromSnapshot(long version, IReadOnlyList<MetadataRecord> records) =>
        new MetadataImageBuilder(Empty, version).ApplyAll(records).Build().Current;

    /// <summary>The records that make this image from nothing.</summary>
    public List<MetadataRecord> ToRecords() => MetadataSnapshot.ToRecords(this);
}
