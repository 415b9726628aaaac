using Orleans.Runtime;

namespace OrleansLog.Grains;

/// <summary>What a failed grain call to another broker means to a client.</summary>
internal static class RemoteErrors
{
    /// <summary>The retriable error, or None for an exception that is a bug.</summary>
    public static ErrorCode Translate(Exception exception) => exception switch
    {
        TimeoutException => ErrorCode.RequestTimedOut,
        OrleansException => ErrorCode.NotLeaderOrFollower,
        _ => ErrorCode.None,
    };
}
