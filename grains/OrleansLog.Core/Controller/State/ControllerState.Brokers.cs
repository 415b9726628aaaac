using System.Collections.Immutable;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Controller;

public sealed partial class ControllerState
{
    /// <summary>How often whoever owns the state calls <see cref="ExpireSessions"/>, in milliseconds.</summary>
    public const int SessionLookIntervalMs = 1000;

    private readonly Dictionary<int, long> _shutdownVersions = [];
    private List<BrokerFencing> _fencings = [];

    /// <summary>Registers a broker, fenced: it leads once it has applied its own registration.</summary>
    public Decision<RegisterBrokerAnswer> RegisterBroker(RegisterBroker request, long nowMs)
    {
        var existing = Latest.FindBroker(request.Id);
        if (existing is not null && existing.IncarnationId == request.IncarnationId && existing.SiloAddress == request.SiloAddress)
        {
            return Decide(new RegisterBrokerAnswer(ErrorCode.None, BrokerEpoch: existing.Epoch));
        }

        // Two processes must never share a broker epoch: each would take the other's registration for its own.
        if (existing is not null && existing.Epoch == OpenVersion)
        {
            return Decide(new RegisterBrokerAnswer(
                ErrorCode.NotController, $"another registration of broker {request.Id}, by the silo {existing.SiloAddress}, is being written; register again"));
        }

        if (Refuse(request, existing, nowMs) is { } refusal)
        {
            return Decide(refusal);
        }

        var epoch = OpenVersion;
        var records = new List<MetadataRecord>
        {
            new BrokerRecord
            {
                Id = request.Id,
                Epoch = epoch,
                IncarnationId = request.IncarnationId,
                SiloAddress = request.SiloAddress,
                Endpoints = request.Endpoints,
                Rack = request.Rack,
                Directories = request.Directories,
            },
        };
        AddElections(records, [request.Id], (topic, partition) =>
            partition.DirectoryOf(request.Id) is { } directory && directory != DirectoryIds.Unassigned && !request.Directories.Contains(directory)
                ? Expulsion.DirectoryGone
                : request.MayHaveLostUnsynced && !IsAlwaysSynced(topic) ? Expulsion.Unclean : Expulsion.None);
        _sessions.Touch(request.Id, -1, nowMs);
        _shutdownVersions.Remove(request.Id);
        return Decide(new RegisterBrokerAnswer(ErrorCode.None, BrokerEpoch: epoch), records);
    }

    /// <summary>A broker's heartbeat: keeps its session, fences or unfences it, and takes it through a controlled shutdown.</summary>
    public Decision<BrokerAliveAnswer> BrokerAlive(BrokerAlive request, long nowMs)
    {
        var broker = Latest.FindBroker(request.Id);
        if (broker is null || broker.Epoch != request.BrokerEpoch)
        {
            return Decide(new BrokerAliveAnswer(
                ErrorCode.StaleBrokerEpoch,
                Message: broker is null
                    ? $"broker {request.Id} is not registered; register again"
                    : $"broker {request.Id} was registered again with epoch {broker.Epoch}, this is epoch {request.BrokerEpoch}; register again"));
        }

        _sessions.Touch(request.Id, request.AppliedVersion, nowMs);
        var fenced = broker.Fenced;
        var change = new BrokerChangeRecord { Id = broker.Id, Epoch = broker.Epoch };
        if (request.OfflineDirectories.Any(broker.Directories.Contains))
        {
            change = change with { Directories = broker.Directories.RemoveRange(request.OfflineDirectories) };
        }

        if (request.WantsShutdown && !broker.ShuttingDown)
        {
            change = change with { ShuttingDown = true };
            _shutdownVersions[broker.Id] = OpenVersion;
        }
        else if (fenced && !request.WantsFence && !request.WantsShutdown && request.AppliedVersion >= broker.Epoch)
        {
            change = change with { Fenced = fenced = false };
        }
        else if (!fenced && request.WantsFence)
        {
            change = change with { Fenced = fenced = true };
        }

        var mayShutDown = request.WantsShutdown && OthersKnowOfShutdown(broker.Id);
        if (mayShutDown && !fenced)
        {
            change = change with { Fenced = fenced = true };
        }

        var records = WithElections(change is { Fenced: null, ShuttingDown: null, Directories: null } ? [] : [change]);
        if (fenced && !broker.Fenced)
        {
            NoteFencing(broker.Id, mayShutDown ? FencingReason.Stopped : FencingReason.Asked, reporterId: -1, records);
        }

        return Decide(new BrokerAliveAnswer(ErrorCode.None, fenced, mayShutDown), records);
    }

    /// <summary>
    /// Fences every broker whose session has run out; called every <see cref="SessionLookIntervalMs"/>. Where twice that has passed,
    /// the controller itself stood still, and the time counts against nobody.
    /// </summary>
    /// <returns>How long the controller stood still, in milliseconds; 0 where it did not.</returns>
    public long ExpireSessions(long nowMs)
    {
        var stoodStillMs = _sessions.Look(nowMs);
        _candidates.Look(nowMs);
        Fence([.. Latest.Brokers.Values.Where(broker => !broker.Fenced && !_sessions.IsLive(broker.Id, nowMs))], FencingReason.SessionExpired);
        return stoodStillMs;
    }

    /// <summary>The brokers that were fenced since the last call, for whoever tells of it.</summary>
    public IReadOnlyList<BrokerFencing> TakeFencings()
    {
        if (_fencings.Count == 0)
        {
            return [];
        }

        var taken = _fencings;
        _fencings = [];
        return taken;
    }

    /// <summary>Orleans declared a silo dead: its broker is fenced at once (D11).</summary>
    public void SiloDied(string siloAddress)
    {
        _candidates.SiloDied(siloAddress);
        FenceThoseOn(siloAddress, FencingReason.SiloDied);
    }

    /// <summary>A silo that hosted the controller does not answer: its broker is fenced, until its next heartbeat.</summary>
    public void SiloSilent(string siloAddress) => FenceThoseOn(siloAddress, FencingReason.SiloSilent);

    private void FenceThoseOn(string siloAddress, FencingReason reason) =>
        Fence([.. Latest.Brokers.Values.Where(broker => !broker.Fenced && broker.SiloAddress == siloAddress)], reason);

    /// <summary>
    /// A broker cannot reach another one that led: its connection was reset, or refused. The other is fenced at once, so that its partitions have other
    /// leaders long before its session runs out. Where the suspicion is wrong, its next heartbeat lets it lead again: that costs a change of
    /// leaders, and never safety (S11).
    /// </summary>
    /// <param name="reporterId">Who says so.</param>
    /// <param name="reporterEpoch">Its broker epoch; what a broker says that is not of the cluster now, or fenced itself, does not count.</param>
    /// <param name="brokerId">The broker that is not reached.</param>
    /// <param name="brokerEpoch">Its broker epoch; one that has registered anew since is another process.</param>
    public Decision<ErrorCode> BrokerUnreachable(int reporterId, long reporterEpoch, int brokerId, long brokerEpoch)
    {
        if (Latest.FindBroker(reporterId) is not { Fenced: false } reporter || reporter.Epoch != reporterEpoch)
        {
            return Decide(ErrorCode.StaleBrokerEpoch);
        }

        if (brokerId != reporterId && Latest.FindBroker(brokerId) is { Fenced: false } broker && broker.Epoch == brokerEpoch)
        {
            Fence([broker], FencingReason.Unreachable, reporterId);
        }

        return Decide(ErrorCode.None);
    }

    /// <summary>Records in which directories a broker's replicas lie.</summary>
    public Decision<ErrorCode> AssignDirectories(int brokerId, long brokerEpoch, IReadOnlyList<ReplicaDirectory> replicas)
    {
        var broker = Latest.FindBroker(brokerId);
        if (broker is null || broker.Epoch != brokerEpoch)
        {
            return Decide(ErrorCode.StaleBrokerEpoch);
        }

        var records = new List<MetadataRecord>();
        foreach (var (id, directory) in replicas)
        {
            if (!broker.Directories.Contains(directory))
            {
                return Decide(ErrorCode.LogDirNotFound);
            }

            var topic = Latest.FindTopic(id.TopicId);
            var partition = topic?.Find(id.Partition);
            var index = partition?.Replicas.IndexOf(brokerId) ?? -1;
            if (index < 0)
            {
                return Decide(ErrorCode.UnknownTopicOrPartition);
            }

            if (partition!.Directories[index] != directory)
            {
                var moved = partition with { Directories = partition.Directories.SetItem(index, directory) };
                records.Add(PartitionElection.Elect(Latest, topic!.Id, partition, moved, RulesOf(Latest, topic))!);
            }
        }

        return Decide(ErrorCode.None, records);
    }

    private RegisterBrokerAnswer? Refuse(RegisterBroker request, BrokerImage? existing, long nowMs)
    {
        if (request.Id < 0)
        {
            return new(ErrorCode.InvalidRequest, $"node.id {request.Id} is negative; give the broker an id from 0 up");
        }

        if (request.ClusterId is { } clusterId && clusterId != Latest.ClusterId)
        {
            return new(
                ErrorCode.InconsistentClusterId,
                $"the log directories of broker {request.Id} belong to the cluster {clusterId}, this is the cluster {Latest.ClusterId}; "
                + "use the metadata that they were written with, or empty directories");
        }

        if (request.MaxMetadataVersion < Latest.MetadataVersion)
        {
            return new(
                ErrorCode.UnsupportedVersion,
                $"metadata.version {Latest.MetadataVersion} is finalized, broker {request.Id} understands up to {request.MaxMetadataVersion}; run a newer build");
        }

        if (request.Directories.Length != request.Directories.Distinct().Count()
            || request.Directories.Any(id => id == DirectoryIds.Unassigned || id == DirectoryIds.Lost))
        {
            return new(ErrorCode.InvalidRegistration, $"broker {request.Id} names a log directory twice or without an id; each needs a meta.properties of its own");
        }

        foreach (var other in Latest.Brokers.Values)
        {
            if (other.Id != request.Id && other.Directories.FirstOrDefault(request.Directories.Contains) is var shared && shared != default)
            {
                return new(
                    ErrorCode.InvalidRegistration,
                    $"log directory {Uuid.FromGuid(shared)} of broker {request.Id} is registered by broker {other.Id} too: one is a copy of the other; "
                    + "give each broker directories of its own");
            }
        }

        if (HolderAmongCandidates(request.Id, request.IncarnationId, request.SiloAddress, nowMs) is { } candidate)
        {
            return new(ErrorCode.DuplicateBrokerRegistration, InUse(request.Id, candidate.SiloAddress), LastContactAgeMs: _candidates.ContactAgeMs(request.Id, nowMs));
        }

        return existing is not null && IsHeld(existing, request.SiloAddress, request.PreviousSiloIsDead, nowMs)
            ? new(ErrorCode.DuplicateBrokerRegistration, InUse(request.Id, existing.SiloAddress), LastContactAgeMs: _sessions.ContactAgeMs(request.Id, nowMs))
            : null;
    }

    /// <summary>Two processes cannot hold one address and port: the one that asks now has replaced the other.</summary>
    private static bool IsLaterProcessOf(string earlier, string later)
    {
        var end = earlier.LastIndexOf('@');
        return end > 0 && earlier != later && later.AsSpan().StartsWith(earlier.AsSpan(0, end + 1));
    }

    private bool OthersKnowOfShutdown(int brokerId)
    {
        // A controller that took over meanwhile asks for everything that it knows.
        if (!_shutdownVersions.TryGetValue(brokerId, out var version))
        {
            _shutdownVersions[brokerId] = version = Latest.Version;
        }

        return Latest.Brokers.Values.All(other => other.Id == brokerId || other.Fenced || _sessions.AppliedVersion(other.Id) >= version);
    }

    /// <summary>Those that go together go at once: one that is about to be fenced must not be elected first, let alone uncleanly.</summary>
    private void Fence(IReadOnlyList<BrokerImage> brokers, FencingReason reason, int reporterId = -1)
    {
        var records = WithElections([.. brokers.Select(broker => new BrokerChangeRecord { Id = broker.Id, Epoch = broker.Epoch, Fenced = true })]);
        foreach (var broker in brokers)
        {
            _sessions.End(broker.Id);
            NoteFencing(broker.Id, reason, reporterId, records);
        }

        Emit(records);
    }

    private void NoteFencing(int brokerId, FencingReason reason, int reporterId, List<MetadataRecord> records)
    {
        var (moved, lost) = (0, 0);
        foreach (var record in records)
        {
            if (record is PartitionChangeRecord { Leader: { } leader } change && Latest.FindPartition(change.TopicId, change.Partition)?.Leader == brokerId)
            {
                moved += leader == PartitionImage.NoLeader ? 0 : 1;
                lost += leader == PartitionImage.NoLeader ? 1 : 0;
            }
        }

        _fencings.Add(new BrokerFencing(brokerId, reason, reporterId, moved, lost));
    }

    /// <summary>Changes of brokers, one each, and what follows from all of them together for the partitions that they hold.</summary>
    private List<MetadataRecord> WithElections(BrokerChangeRecord[] changes)
    {
        var records = new List<MetadataRecord>(changes);
        if (changes.Length > 0)
        {
            AddElections(records, Array.ConvertAll(changes, static change => change.Id), (_, _) => Expulsion.None);
        }

        return records;
    }

    /// <summary>Looks at every partition that one of the brokers holds, after the records so far.</summary>
    private void AddElections(List<MetadataRecord> records, int[] brokerIds, Func<TopicImage, PartitionImage, Expulsion> expulsion)
    {
        var image = After(records);
        var directories = new DirectoryPlacement(image);
        foreach (var topicId in image.TopicIds.Values)
        {
            var topic = image.Topics[topicId];
            ElectionRules? rules = null;
            foreach (var partition in topic.Partitions)
            {
                if (!partition.Replicas.Any(brokerIds.Contains))
                {
                    continue;
                }

                rules ??= RulesOf(image, topic);
                var before = partition;
                foreach (var brokerId in brokerIds)
                {
                    before = PartitionElection.Expel(before, brokerId, expulsion(topic, partition), directories);
                }

                if (PartitionElection.Elect(image, topicId, partition, before, rules.Value) is { } change)
                {
                    records.Add(change);
                }
            }
        }
    }

    private bool IsAlwaysSynced(TopicImage topic) =>
        ConfigOf(Latest, topic.Name).FlushPolicyFor(topic.ReplicationFactor) == Configuration.FlushPolicy.Ack;

    private ElectionRules RulesOf(MetadataImage image, TopicImage topic)
    {
        var config = ConfigOf(image, topic.Name);
        return new ElectionRules(config.MinInsyncReplicas, config.UncleanLeaderElectionEnable);
    }
}
