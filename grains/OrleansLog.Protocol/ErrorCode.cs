namespace OrleansLog.Protocol;

/// <summary>
/// What went wrong, by the numbers of Kafka 4.1: the same value in the state machines, in grain calls, in the client and
/// on the wire (D12). <see cref="ErrorCodes"/> has names, descriptions and what may be retried.
/// </summary>
public enum ErrorCode : short
{
    /// <summary>The broker failed in a way it has no code for; its log says why.</summary>
    UnknownServerError = -1,

    /// <summary>The operation succeeded.</summary>
    None = 0,

    /// <summary>The offset lies before the start or past the end of the partition's log.</summary>
    OffsetOutOfRange = 1,

    /// <summary>A record batch fails its checksum, lies about its length, or is damaged in another way.</summary>
    CorruptMessage = 2,

    /// <summary>This broker knows no such topic or partition.</summary>
    UnknownTopicOrPartition = 3,

    /// <summary>The requested fetch size is not acceptable.</summary>
    InvalidFetchSize = 4,

    /// <summary>The partition has no leader at the moment; an election is under way or no replica is alive.</summary>
    LeaderNotAvailable = 5,

    /// <summary>This broker does not lead the partition, or does not hold a replica of it; refresh the metadata.</summary>
    NotLeaderOrFollower = 6,

    /// <summary>The request was not finished within its time limit; whether it took effect is unknown.</summary>
    RequestTimedOut = 7,

    /// <summary>The broker that is needed is not running.</summary>
    BrokerNotAvailable = 8,

    /// <summary>The replica that was asked for is not available on this broker.</summary>
    ReplicaNotAvailable = 9,

    /// <summary>The record batch is larger than the topic or the broker accepts (max.message.bytes).</summary>
    MessageTooLarge = 10,

    /// <summary>The request comes from a controller that has been replaced.</summary>
    StaleControllerEpoch = 11,

    /// <summary>The metadata string committed with an offset is too long.</summary>
    OffsetMetadataTooLarge = 12,

    /// <summary>The connection broke before the answer arrived.</summary>
    NetworkException = 13,

    /// <summary>The coordinator is still reading its log and cannot answer yet.</summary>
    CoordinatorLoadInProgress = 14,

    /// <summary>No coordinator is available at the moment.</summary>
    CoordinatorNotAvailable = 15,

    /// <summary>This broker is not the coordinator; look the coordinator up again.</summary>
    NotCoordinator = 16,

    /// <summary>The topic name is not legal, or the topic may not be used this way.</summary>
    InvalidTopicException = 17,

    /// <summary>The batch is larger than a segment of the partition's log may be.</summary>
    RecordListTooLarge = 18,

    /// <summary>Fewer replicas are in sync than min.insync.replicas asks for; nothing was written.</summary>
    NotEnoughReplicas = 19,

    /// <summary>The records were written, but fewer replicas are in sync than min.insync.replicas asks for.</summary>
    NotEnoughReplicasAfterAppend = 20,

    /// <summary>acks must be -1 (all), 0 or 1.</summary>
    InvalidRequiredAcks = 21,

    /// <summary>The group has moved on to another generation.</summary>
    IllegalGeneration = 22,

    /// <summary>The member offers no protocol that the rest of the group supports.</summary>
    InconsistentGroupProtocol = 23,

    /// <summary>The group id is empty or otherwise not legal.</summary>
    InvalidGroupId = 24,

    /// <summary>The group has no such member; join again.</summary>
    UnknownMemberId = 25,

    /// <summary>The session timeout lies outside what the broker allows.</summary>
    InvalidSessionTimeout = 26,

    /// <summary>The group is rebalancing; join again.</summary>
    RebalanceInProgress = 27,

    /// <summary>The offset commit is larger than may be stored.</summary>
    InvalidCommitOffsetSize = 28,

    /// <summary>The principal may not do this with the topic.</summary>
    TopicAuthorizationFailed = 29,

    /// <summary>The principal may not do this with the group.</summary>
    GroupAuthorizationFailed = 30,

    /// <summary>The principal may not do this with the cluster.</summary>
    ClusterAuthorizationFailed = 31,

    /// <summary>A record's timestamp is too far in the past or in the future, or its type is not the topic's.</summary>
    InvalidTimestamp = 32,

    /// <summary>The broker does not offer this SASL mechanism.</summary>
    UnsupportedSaslMechanism = 33,

    /// <summary>The request does not fit the state of the SASL exchange.</summary>
    IllegalSaslState = 34,

    /// <summary>The broker does not serve this version of the request.</summary>
    UnsupportedVersion = 35,

    /// <summary>A topic of this name exists already.</summary>
    TopicAlreadyExists = 36,

    /// <summary>The number of partitions is not acceptable.</summary>
    InvalidPartitions = 37,

    /// <summary>The replication factor is not positive, or larger than the number of usable brokers.</summary>
    InvalidReplicationFactor = 38,

    /// <summary>The replica assignment is not consistent or names unknown brokers.</summary>
    InvalidReplicaAssignment = 39,

    /// <summary>A configuration key is unknown or its value is out of bounds.</summary>
    InvalidConfig = 40,

    /// <summary>This is not the active controller.</summary>
    NotController = 41,

    /// <summary>The request contradicts itself or what the broker knows; the broker's log says how.</summary>
    InvalidRequest = 42,

    /// <summary>The record format on disk does not support this request.</summary>
    UnsupportedForMessageFormat = 43,

    /// <summary>The request breaks a policy that the operator set.</summary>
    PolicyViolation = 44,

    /// <summary>The producer's sequence number leaves a gap.</summary>
    OutOfOrderSequenceNumber = 45,

    /// <summary>The broker has already stored a batch with this sequence number.</summary>
    DuplicateSequenceNumber = 46,

    /// <summary>The producer used an epoch that has been replaced by a newer one.</summary>
    InvalidProducerEpoch = 47,

    /// <summary>The transaction is not in a state in which this is possible.</summary>
    InvalidTxnState = 48,

    /// <summary>The producer id does not belong to this transactional id.</summary>
    InvalidProducerIdMapping = 49,

    /// <summary>The transaction timeout is longer than the broker allows (transaction.max.timeout.ms).</summary>
    InvalidTransactionTimeout = 50,

    /// <summary>The previous transaction of this transactional id is still being completed.</summary>
    ConcurrentTransactions = 51,

    /// <summary>A newer coordinator has taken this transaction over.</summary>
    TransactionCoordinatorFenced = 52,

    /// <summary>The principal may not use this transactional id.</summary>
    TransactionalIdAuthorizationFailed = 53,

    /// <summary>The broker runs without the security feature that the request needs.</summary>
    SecurityDisabled = 54,

    /// <summary>The operation was not tried because another one in the same request failed.</summary>
    OperationNotAttempted = 55,

    /// <summary>The log directory failed; the partition moves to another replica if there is one.</summary>
    KafkaStorageError = 56,

    /// <summary>The broker has no such log directory.</summary>
    LogDirNotFound = 57,

    /// <summary>The credentials were not accepted.</summary>
    SaslAuthenticationFailed = 58,

    /// <summary>The broker no longer remembers this producer id.</summary>
    UnknownProducerId = 59,

    /// <summary>The partition is being reassigned.</summary>
    ReassignmentInProgress = 60,

    /// <summary>Delegation tokens are not enabled.</summary>
    DelegationTokenAuthDisabled = 61,

    /// <summary>There is no such delegation token.</summary>
    DelegationTokenNotFound = 62,

    /// <summary>The principal is neither owner nor renewer of the delegation token.</summary>
    DelegationTokenOwnerMismatch = 63,

    /// <summary>Delegation tokens cannot be requested over this kind of connection.</summary>
    DelegationTokenRequestNotAllowed = 64,

    /// <summary>The principal may not do this with the delegation token.</summary>
    DelegationTokenAuthorizationFailed = 65,

    /// <summary>The delegation token has expired.</summary>
    DelegationTokenExpired = 66,

    /// <summary>This type of principal is not supported here.</summary>
    InvalidPrincipalType = 67,

    /// <summary>The group still has members.</summary>
    NonEmptyGroup = 68,

    /// <summary>There is no such group.</summary>
    GroupIdNotFound = 69,

    /// <summary>The broker no longer has this fetch session.</summary>
    FetchSessionIdNotFound = 70,

    /// <summary>The fetch session is at another epoch.</summary>
    InvalidFetchSessionEpoch = 71,

    /// <summary>The leader has no listener of the name over which the request came.</summary>
    ListenerNotFound = 72,

    /// <summary>Topics may not be deleted here (delete.topic.enable=false).</summary>
    TopicDeletionDisabled = 73,

    /// <summary>The request names a leader epoch that is over; refresh the metadata.</summary>
    FencedLeaderEpoch = 74,

    /// <summary>The request names a leader epoch that this broker has not heard of yet.</summary>
    UnknownLeaderEpoch = 75,

    /// <summary>The codec of the batch is not known here, or not to this version of the request.</summary>
    UnsupportedCompressionType = 76,

    /// <summary>The broker epoch in the request has been replaced by a newer registration.</summary>
    StaleBrokerEpoch = 77,

    /// <summary>The leader does not know its high watermark yet; ask again.</summary>
    OffsetNotAvailable = 78,

    /// <summary>Join again with the member id in this answer.</summary>
    MemberIdRequired = 79,

    /// <summary>The preferred leader is not alive or not in sync.</summary>
    PreferredLeaderNotAvailable = 80,

    /// <summary>The group has as many members as it may have (group.max.size).</summary>
    GroupMaxSizeReached = 81,

    /// <summary>Another member has joined with the same group.instance.id.</summary>
    FencedInstanceId = 82,

    /// <summary>No replica that could lead is alive.</summary>
    EligibleLeadersNotAvailable = 83,

    /// <summary>The partition has the leader that was asked for already.</summary>
    ElectionNotNeeded = 84,

    /// <summary>The partition is not being reassigned.</summary>
    NoReassignmentInProgress = 85,

    /// <summary>Offsets of a topic cannot be deleted while the group subscribes to it.</summary>
    GroupSubscribedToTopic = 86,

    /// <summary>A record in the batch breaks a rule; nothing of the batch was written.</summary>
    InvalidRecord = 87,

    /// <summary>A transaction that is not finished yet has offsets for this partition.</summary>
    UnstableOffsetCommit = 88,

    /// <summary>A quota is used up; wait for the throttle time.</summary>
    ThrottlingQuotaExceeded = 89,

    /// <summary>A newer producer with the same transactional id has taken over.</summary>
    ProducerFenced = 90,

    /// <summary>The request names something that does not exist.</summary>
    ResourceNotFound = 91,

    /// <summary>The request names the same thing twice.</summary>
    DuplicateResource = 92,

    /// <summary>The new credential does not meet the requirements.</summary>
    UnacceptableCredential = 93,

    /// <summary>Sender and receiver disagree on the set of voters.</summary>
    InconsistentVoterSet = 94,

    /// <summary>The update was based on a version that is no longer the current one.</summary>
    InvalidUpdateVersion = 95,

    /// <summary>The features could not be updated.</summary>
    FeatureUpdateFailed = 96,

    /// <summary>The forwarded principal could not be read.</summary>
    PrincipalDeserializationFailure = 97,

    /// <summary>There is no such snapshot.</summary>
    SnapshotNotFound = 98,

    /// <summary>The position lies outside the snapshot.</summary>
    PositionOutOfRange = 99,

    /// <summary>This broker knows no topic with this id.</summary>
    UnknownTopicId = 100,

    /// <summary>A live broker has already registered with this broker id.</summary>
    DuplicateBrokerRegistration = 101,

    /// <summary>No broker is registered with this id.</summary>
    BrokerIdNotRegistered = 102,

    /// <summary>The topic id in the request is not that of the partition's log.</summary>
    InconsistentTopicId = 103,

    /// <summary>The request is meant for another cluster.</summary>
    InconsistentClusterId = 104,

    /// <summary>There is no such transactional id.</summary>
    TransactionalIdNotFound = 105,

    /// <summary>The fetch session mixes requests with and without topic ids.</summary>
    FetchSessionTopicIdError = 106,

    /// <summary>The new in-sync set names a replica that may not be in it.</summary>
    IneligibleReplica = 107,

    /// <summary>The change was applied, and it brought another leader.</summary>
    NewLeaderElected = 108,

    /// <summary>The offset is only in tiered storage.</summary>
    OffsetMovedToTieredStorage = 109,

    /// <summary>The member is at an epoch that the group has fenced; rejoin.</summary>
    FencedMemberEpoch = 110,

    /// <summary>Another member still holds this group.instance.id.</summary>
    UnreleasedInstanceId = 111,

    /// <summary>The group does not support this assignor.</summary>
    UnsupportedAssignor = 112,

    /// <summary>The member's epoch is behind; retry with the one it has learned since.</summary>
    StaleMemberEpoch = 113,

    /// <summary>The request went to the wrong kind of endpoint.</summary>
    MismatchedEndpointType = 114,

    /// <summary>This kind of endpoint is not supported.</summary>
    UnsupportedEndpointType = 115,

    /// <summary>There is no controller with this id.</summary>
    UnknownControllerId = 116,

    /// <summary>The telemetry subscription has changed; fetch it again.</summary>
    UnknownSubscriptionId = 117,

    /// <summary>The telemetry is larger than the broker takes.</summary>
    TelemetryTooLarge = 118,

    /// <summary>The broker's registration is not acceptable.</summary>
    InvalidRegistration = 119,

    /// <summary>The transaction has failed and has to be aborted; the producer may go on afterwards.</summary>
    TransactionAbortable = 120,

    /// <summary>The share group's record is not in a state in which this is possible.</summary>
    InvalidRecordState = 121,

    /// <summary>The broker no longer has this share session.</summary>
    ShareSessionNotFound = 122,

    /// <summary>The share session is at another epoch.</summary>
    InvalidShareSessionEpoch = 123,

    /// <summary>The share group's state has moved on to a newer epoch.</summary>
    FencedStateEpoch = 124,

    /// <summary>The voter key does not fit the receiver.</summary>
    InvalidVoterKey = 125,

    /// <summary>The voter is in the set already.</summary>
    DuplicateVoter = 126,

    /// <summary>The voter is not in the set.</summary>
    VoterNotFound = 127,

    /// <summary>The regular expression is not valid.</summary>
    InvalidRegularExpression = 128,

    /// <summary>The client's metadata is of no use any more; start from the bootstrap servers.</summary>
    RebootstrapRequired = 129,

    /// <summary>The streams topology is not valid.</summary>
    StreamsInvalidTopology = 130,

    /// <summary>The streams topology epoch is not valid.</summary>
    StreamsInvalidTopologyEpoch = 131,

    /// <summary>The streams topology epoch has been replaced by a newer one.</summary>
    StreamsTopologyFenced = 132,

    /// <summary>The broker has as many share sessions as it may have.</summary>
    ShareSessionLimitReached = 133,
}
