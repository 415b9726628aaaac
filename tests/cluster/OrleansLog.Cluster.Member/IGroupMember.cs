namespace OrleansLog.Cluster.Member;

/// <summary>A group's member, of one client or another.</summary>
public interface IGroupMember : IDisposable
{
    /// <summary>Stops polling: after the poll interval the group goes on without it.</summary>
    void Stall();

    /// <summary>Polls again, as if it had not noticed.</summary>
    void Resume();

    /// <summary>Polls until it is told to leave the group, or to go without a word, where its client can: then its session has to end by itself.</summary>
    void Run(CancellationToken leave, CancellationToken abandon);

    /// <summary>The member that the settings ask for.</summary>
    static IGroupMember Create(MemberSettings settings, Action<GroupEvent> record, Action<string> complain) =>
        settings.IsSdk ? new SdkMember(settings, record, complain) : new GroupMember(settings, record, complain);
}
