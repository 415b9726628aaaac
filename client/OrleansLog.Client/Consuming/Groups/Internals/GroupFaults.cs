using OrleansLog.Protocol;

namespace OrleansLog.Client;

/// <summary>What a coordinator's refusal means for a member.</summary>
internal static class GroupFaults
{
    /// <summary>
    /// The coordinator is away, moving or loading: the same question gets another answer a little later. A topic that does not exist
    /// is not waited for: what was deleted has nothing to commit.
    /// </summary>
    public static bool IsPassing(this ErrorCode error) => error is
        ErrorCode.CoordinatorNotAvailable or ErrorCode.CoordinatorLoadInProgress or ErrorCode.NotCoordinator or ErrorCode.NetworkException
        or ErrorCode.RequestTimedOut or ErrorCode.UnstableOffsetCommit || (error.IsRetriable() && error is not (ErrorCode.RebalanceInProgress or ErrorCode.UnknownTopicOrPartition or ErrorCode.UnknownTopicId));

    /// <summary>The group does not know this member any more.</summary>
    public static bool IsExpulsion(this ErrorCode error) => error is ErrorCode.UnknownMemberId or ErrorCode.IllegalGeneration;

    /// <summary>Calls a transport that may throw what it should have answered.</summary>
    public static async ValueTask<T> OrElse<T>(this ValueTask<T> call, Func<ErrorCode, T> failure)
    {
        try
        {
            return await call.ConfigureAwait(false);
        }
        catch (LogException error)
        {
            return failure(error.Code);
        }
    }
}
