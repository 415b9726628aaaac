using System.Data.Common;
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

    /// <summary>Asks the controller; between two of them, and while it cannot read its log, the answer is "not the controller", which clients try again.</summary>
    public static async Task<T> OrNotControllerAsync<T>(Task<T> asked, Func<string, T> notController)
    {
        try
        {
            return await asked.ConfigureAwait(false);
        }
        catch (Exception e) when (e is OrleansException or DbException or ControllerSteppedDownException)
        {
            return notController("There is no controller at the moment; try again.");
        }
    }
}
