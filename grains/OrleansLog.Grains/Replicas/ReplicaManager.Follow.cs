using System.Globalization;
using OrleansLog.Core.Controller;
using OrleansLog.Grains.Diagnostics;

namespace OrleansLog.Grains.Replicas;

/// <summary>How the manager follows the metadata: it notes what changed; the slots do the work elsewhere.</summary>
internal sealed partial class ReplicaManager
{
    private readonly Lock _followGate = new();
    private readonly VersionWaiters _followed = new();
    private IBrokerCluster? _cluster;
    private long _brokerEpoch = -1;
    private FollowPhase _phase;
    private Task _recovered = Task.CompletedTask;

    /// <summary>Follows the metadata from now on, once it has reached this broker's own registration.</summary>
    public void Start(IBrokerCluster cluster)
    {
        _cluster = cluster;
        metadata.Changed += OnChanged;
        Follow(null);
    }

    /// <summary>The controller registered the broker; what it says of earlier versions is history and not acted on (S2).</summary>
    public void OnRegistered(long brokerEpoch)
    {
        lock (_followGate)
            _brokerEpoch = brokerEpoch;

        Follow(null);
    }

    /// <summary>Stops following: what is queued is not begun any more.</summary>
    public void StopFollowing()
    {
        _isStopping = true;
        metadata.Changed -= OnChanged;
    }

    private void OnChanged(MetadataDelta delta) => Follow(delta);

    private void Follow(MetadataDelta? delta)
    {
        lock (_followGate)
        {
            if (_cluster is null || _brokerEpoch < 0 || metadata.Version < _brokerEpoch || _isStopping || _phase == FollowPhase.SettingStraysAside)
                return;

            if (_phase == FollowPhase.Following)
            {
                if (delta is not null)
                {
                    ApplyChange(delta);
                    _followed.Reach(delta.Current.Version);
                }

                return;
            }

            _phase = FollowPhase.SettingStraysAside;
        }

        // Before anything opens: a stray of a topic that was made anew has the name that the new one needs.
        recovery.TryPost(() =>
        {
            SetStraysAside();
            lock (_followGate)
            {
                var image = metadata.Current;
                _phase = FollowPhase.Following;
                ApplyBrokerConfig(image);
                _hasBegun = true;
                _followed.Reach(image.Version);
                _recovered = MarkRecoveredAsync([.. _slots.Values]);
            }
        });
    }

    private void ApplyChange(MetadataDelta delta)
    {
        var image = delta.Current;
        foreach (var changed in delta.ChangedPartitions)
        {
            if (IsOurs(image, changed) || IsOurs(delta.Previous, changed))
                Reconcile(image.FindTopic(changed.TopicId)!.Name, changed.Partition);
        }

        foreach (var topicId in delta.RemovedTopics)
        {
            if (delta.Previous.FindTopic(topicId) is { } removed)
                ApplyTopic(removed);
        }

        if (delta.ChangedBrokers.Count > 0)
            broker.IsrRequests.EligibilityChanged();

        foreach (var owner in delta.ChangedConfigs)
        {
            if (owner.Kind == ConfigOwnerKind.Topic && image.FindTopic(owner.Name) is { } topic)
                ApplyTopic(topic);
            else if (owner.Kind == ConfigOwnerKind.Broker)
                ApplyBrokerConfig(image);
        }
    }

    private void ApplyTopic(TopicImage topic)
    {
        foreach (var partition in topic.Partitions)
        {
            if (partition.Replicas.Contains(broker.BrokerId))
                Reconcile(topic.Name, partition.Partition);
        }
    }

    private bool IsOurs(MetadataImage image, TopicIdPartition id) =>
        image.FindPartition(id.TopicId, id.Partition)?.Replicas.Contains(broker.BrokerId) ?? false;

    private void ApplyBrokerConfig(MetadataImage image)
    {
        var result = config.WithDynamic(
            image.ConfigsOf(ConfigOwner.AllBrokers), image.ConfigsOf(new ConfigOwner(ConfigOwnerKind.Broker, broker.BrokerId.ToString(CultureInfo.InvariantCulture))));
        if (result.Errors.Count > 0)
            broker.Logger.BrokerConfigProblems(string.Join("; ", result.Errors));

        if (result.Notices.Count > 0)
            broker.Logger.BrokerConfigNotices(string.Join("; ", result.Notices));

        _dynamicConfig = result.Usable;
        foreach (var topic in image.Topics.Values)
            ApplyTopic(topic);
    }

    private enum FollowPhase
    {
        Waiting,
        SettingStraysAside,
        Following,
    }
}
