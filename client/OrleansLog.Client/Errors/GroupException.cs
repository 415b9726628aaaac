using OrleansLog.Protocol;

namespace OrleansLog.Client;

/// <summary>The group refuses this member for good: unsubscribe, change what is wrong, and subscribe again.</summary>
public sealed class GroupException : LogException
{
    internal GroupException(string groupId, ErrorCode code)
        : base(code, $"The group '{groupId}' refuses this member: {Explain(code)}") => GroupId = groupId;

    /// <summary>The group.</summary>
    public string GroupId { get; }

    /// <summary>False: the membership is over.</summary>
    public override bool IsRetriable => false;

    /// <summary>True: the subscription is over.</summary>
    public override bool IsFatal => true;

    private static string Explain(ErrorCode code) => code switch
    {
        ErrorCode.FencedInstanceId => "another consumer runs with the same GroupInstanceId and has taken its place.",
        ErrorCode.InconsistentGroupProtocol => "the group's members have none of its Assignors in common; name one that they use.",
        ErrorCode.InvalidSessionTimeout => "the brokers do not allow its SessionTimeoutMs (group.min.session.timeout.ms, group.max.session.timeout.ms).",
        ErrorCode.GroupMaxSizeReached => "the group has as many members as the brokers allow (group.max.size).",
        _ => code.Describe(),
    };
}
