using System.Collections.Immutable;
using OrleansLog.Core.Configuration;

namespace OrleansLog.Core.Controller;

/// <summary>
/// The controller's rules without its clock, storage and network: requests come in with the time as a value, records and
/// answers come out (D2). One caller at a time.
/// </summary>
/// <remarks>
/// <para>
/// Decisions rest on <see cref="Latest"/>, which holds what is not persisted yet; brokers see <see cref="Committed"/>. Records
/// gather in an open version until <see cref="TrySeal"/> takes them for one append; while that runs, the next version gathers.
/// </para>
/// <para>A failed or lost append is not undone: the whole state is thrown away and read again.</para>
/// </remarks>
public sealed partial class ControllerState
{
    private readonly ControllerSettings _settings;
    private readonly List<MetadataRecord> _open = [];
    private readonly BrokerSessions _sessions;
    private MetadataBatch? _sealed;
    private MetadataImage? _sealedImage;
    private (ImmutableSortedDictionary<string, string> Dynamic, BrokerConfig Config) _config;
    private TopicConfig? _plainTopicConfig;

    /// <summary>Creates the state of a controller that is not active yet.</summary>
    /// <param name="settings">What the rules depend on.</param>
    /// <param name="image">Everything that the log holds.</param>
    public ControllerState(ControllerSettings settings, MetadataImage image)
    {
        _settings = settings;
        _sessions = new BrokerSessions(settings.SessionTimeoutMs);
        _candidates = new Candidates(settings.SessionTimeoutMs);
        Committed = image;
        Latest = image;
    }

    /// <summary>What is persisted: what brokers may act on.</summary>
    public MetadataImage Committed { get; private set; }

    /// <summary>With everything that was decided, persisted or not.</summary>
    public MetadataImage Latest { get; private set; }

    /// <summary>Epoch of this controller; 0 before <see cref="Activate"/>.</summary>
    public long ControllerEpoch { get; private set; }

    private long OpenVersion => (_sealed?.Version ?? Committed.Version) + 1;

    /// <summary>Makes this the active controller: its epoch goes into the log before anything else (D2).</summary>
    /// <param name="silo">Silo that it runs on.</param>
    /// <param name="newClusterId">Id for the cluster when this is its very first controller.</param>
    /// <param name="nowMs">Monotonic time; every broker that was alive is granted one full session (D11).</param>
    public void Activate(string silo, string newClusterId, long nowMs)
    {
        ControllerEpoch = Latest.ControllerEpoch + 1;
        var records = new List<MetadataRecord> { new ControllerEpochRecord(ControllerEpoch, silo) };
        if (Latest.ClusterId.Length == 0)
        {
            records.Add(new ClusterRecord(newClusterId));
            records.Add(new FeatureLevelRecord(MetadataVersions.FeatureName, MetadataVersions.Max));
        }

        if (Latest.ClusterSecret.Length == 0)
        {
            records.Add(new ClusterSecretRecord($"{_settings.NewId():n}{_settings.NewId():n}"));
        }

        Emit(records);
        _balancedAtMs = nowMs;
        _sessions.GrantAll(Latest, nowMs);
    }

    /// <summary>Takes what has gathered for one append. Nothing, or an append that still runs: false.</summary>
    public bool TrySeal(out MetadataBatch batch)
    {
        if (_sealed is not null || _open.Count == 0)
        {
            batch = null!;
            return false;
        }

        batch = new MetadataBatch(OpenVersion, ControllerEpoch, _open.ToArray());
        _open.Clear();
        _sealed = batch;
        _sealedImage = Latest;
        return true;
    }

    /// <summary>The version that <see cref="TrySeal"/> gave is persisted; brokers may act on it now.</summary>
    public MetadataImage Persisted(long version)
    {
        if (_sealed?.Version != version)
        {
            throw new InvalidOperationException($"metadata version {version} was not sealed");
        }

        Committed = _sealedImage!;
        _sealed = null;
        _sealedImage = null;
        return Committed;
    }

    private Decision<T> Decide<T>(T answer) => new(answer, _open.Count > 0 ? OpenVersion : OpenVersion - 1);

    private Decision<T> Decide<T>(T answer, IReadOnlyList<MetadataRecord> records)
    {
        Emit(records);
        return Decide(answer);
    }

    private void Emit(IReadOnlyList<MetadataRecord> records)
    {
        if (records.Count > 0)
        {
            Latest = After(records);
            _open.AddRange(records);
        }
    }

    private MetadataImage After(IReadOnlyList<MetadataRecord> records) =>
        new MetadataImageBuilder(Latest, OpenVersion).ApplyAll(records).Build().Current;

    private TopicConfig ConfigOf(MetadataImage image, string topic)
    {
        var config = ConfigIn(image);
        var overrides = image.ConfigsOf(ConfigOwner.Topic(topic));
        return overrides.IsEmpty
            ? _plainTopicConfig ??= TopicConfig.Resolve(config, overrides)
            : TopicConfig.Resolve(config, overrides);
    }

    /// <summary>The configuration that the rules go by: what this silo was started with, under what is set for all brokers.</summary>
    private BrokerConfig Config => ConfigIn(Latest);

    private BrokerConfig ConfigIn(MetadataImage image)
    {
        var dynamic = image.ConfigsOf(ConfigOwner.AllBrokers);
        if (!ReferenceEquals(_config.Dynamic, dynamic))
        {
            _config = (dynamic, dynamic.IsEmpty ? _settings.Config : _settings.Config.WithDynamic(dynamic, MetadataImage.NoConfigs).Usable);
            _plainTopicConfig = null;
        }

        return _config.Config;
    }
}
