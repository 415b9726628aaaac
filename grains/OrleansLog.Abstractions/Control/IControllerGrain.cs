using Orleans.Concurrency;
using OrleansLog.Protocol;

namespace OrleansLog;

/// <summary>
/// The one writer of the metadata log (D2). Each silo that may host the controller has one, whose key is the silo; one of them is the controller. Brokers and
/// gateways call it, clients do not.
/// Every answer is given after the decision that it tells is persisted (S6).
/// </summary>
[Alias("olog.IControllerGrain")]
public interface IControllerGrain : IGrainWithStringKey
{
    /// <summary>Answers at once: whether this activation is the controller, and else who is.</summary>
    [Alias("Ping"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task<ControllerStanding> PingAsync();

    /// <summary>Registers a broker; a second process with a live broker's id is refused.</summary>
    [Alias("RegisterBroker"), AlwaysInterleave]
    Task<BrokerRegistrationResult> RegisterBrokerAsync(BrokerRegistration registration);

    /// <summary>Keeps a broker's session alive and returns the metadata that it misses, waiting for it if asked to.</summary>
    [Alias("Heartbeat"), AlwaysInterleave]
    Task<BrokerHeartbeatResult> HeartbeatAsync(BrokerHeartbeat heartbeat);

    /// <summary>
    /// Keeps the place of a silo that may host the controller and is no broker, and returns the metadata that it misses, waiting for it if asked to; a
    /// second process with a live <c>node.id</c> is refused.
    /// </summary>
    [Alias("StandBy"), AlwaysInterleave]
    Task<CandidateHeartbeatResult> StandByAsync(CandidateHeartbeat heartbeat);

    /// <summary>Records in which directories a broker's replicas lie.</summary>
    [Alias("AssignDirectories"), AlwaysInterleave]
    Task<ErrorCode> AssignDirectoriesAsync(DirectoryAssignments assignments);

    /// <summary>
    /// A broker cannot reach another one (its connection was reset or refused, or it is silent), which is fenced if it is still that process.
    /// </summary>
    /// <param name="reporterId">Who says so.</param>
    /// <param name="reporterEpoch">Its broker epoch.</param>
    /// <param name="brokerId">The broker that is not reached.</param>
    /// <param name="brokerEpoch">Its broker epoch.</param>
    /// <param name="isSilent">It only owes an answer: the controller asks it first, and fences it unless it answers.</param>
    [Alias("ReportUnreachable"), AlwaysInterleave]
    Task<ErrorCode> ReportUnreachableAsync(int reporterId, long reporterEpoch, int brokerId, long brokerEpoch, bool isSilent);

    /// <summary>Creates topics; with <paramref name="validateOnly"/> only says what would happen.</summary>
    [Alias("CreateTopics"), AlwaysInterleave]
    Task<TopicResults> CreateTopicsAsync(NewTopic[] topics, bool validateOnly);

    /// <summary>Deletes topics by name.</summary>
    [Alias("DeleteTopics"), AlwaysInterleave]
    Task<TopicResults> DeleteTopicsAsync(string[] topics);

    /// <summary>Deletes topics by id; one that was made anew under the same name stays.</summary>
    [Alias("DeleteTopicIds"), AlwaysInterleave]
    Task<TopicResults> DeleteTopicIdsAsync(Guid[] topicIds);

    /// <summary>Raises numbers of partitions.</summary>
    [Alias("CreatePartitions"), AlwaysInterleave]
    Task<TopicResults> CreatePartitionsAsync(NewPartitions[] topics, bool validateOnly);

    /// <summary>Changes configurations.</summary>
    [Alias("AlterConfigs"), AlwaysInterleave]
    Task<ConfigAlterationResults> AlterConfigsAsync(ConfigAlteration[] alterations, bool validateOnly);

    /// <summary>
    /// Elects a leader of a partition that has none, whatever it lost: the operator's way out when a directory is gone for good.
    /// </summary>
    [Alias("AcceptLoss"), AlwaysInterleave]
    Task<TopicResults> AcceptLossAsync(string topic, int partition);

    /// <summary>Gives a registered broker the next block of producer ids.</summary>
    [Alias("AllocateProducerIds"), AlwaysInterleave]
    Task<ProducerIdBlock> AllocateProducerIdsAsync(int brokerId, long brokerEpoch);

    /// <summary>Changes ISRs as their leaders ask for.</summary>
    [Alias("AlterPartition"), AlwaysInterleave]
    Task<IsrChangeResults> AlterPartitionAsync(IsrChanges changes);

    /// <summary>Elects leaders on demand; <paramref name="partitions"/> null: of all partitions that need it.</summary>
    [Alias("ElectLeaders"), AlwaysInterleave]
    Task<PartitionResults> ElectLeadersAsync(ElectionType type, TopicPartition[]? partitions);

    /// <summary>Starts, changes and cancels reassignments; without <paramref name="mayChangeFactor"/> the number of replicas stays.</summary>
    [Alias("AlterPartitionReassignments"), AlwaysInterleave]
    Task<PartitionResults> AlterPartitionReassignmentsAsync(PartitionReassignment[] reassignments, bool mayChangeFactor);
}
