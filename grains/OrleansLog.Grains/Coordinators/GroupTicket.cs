using OrleansLog.Core.Groups;

namespace OrleansLog.Grains.Coordinators;

/// <summary>A request that waits for its group: answered by the group, or failed when its shard steps down.</summary>
internal sealed class GroupTicket
{
    private readonly TaskCompletionSource<GroupReply> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The answer.</summary>
    public Task<GroupReply> Reply => _reply.Task;

    /// <summary>The group's answer.</summary>
    public void Complete(GroupAnswer answer) => _reply.TrySetResult(new(ErrorCode.None, answer));

    /// <summary>There is no answer of the group's.</summary>
    public void Fail(ErrorCode error) => _reply.TrySetResult(new(error, null));
}

/// <summary>A group's answer, or why there is none.</summary>
/// <param name="Error"><see cref="ErrorCode.None"/> when the group answered; the answer may hold an error of its own.</param>
/// <param name="Answer">The answer, or null.</param>
internal readonly record struct GroupReply(ErrorCode Error, GroupAnswer? Answer);
