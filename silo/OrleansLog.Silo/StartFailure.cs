using OrleansLog.Hosting;

namespace OrleansLog.Silo;

/// <summary>Puts a failed start into one line.</summary>
internal static class StartFailure
{
    public static string Describe(Exception failure)
    {
        var cause = Cause(failure);
        var text = cause switch
        {
            OrleansLogConfigurationException configuration => configuration.Message,
            StartException start => start.Message,
            _ => $"cannot start: {cause.Message}",
        };
        return text.ReplaceLineEndings(" ");
    }

    /// <summary>Whether the start was not possible because it was to be given up.</summary>
    public static bool IsCancellation(Exception failure) => Cause(failure) is OperationCanceledException;

    /// <summary>The innermost exception: what Orleans and the host wrap around it says only where it passed.</summary>
    private static Exception Cause(Exception failure) => failure switch
    {
        OrleansLogConfigurationException or StartException or MetadataDatabaseException => failure,
        AggregateException { InnerExceptions: [var first, ..] } => Cause(first),
        { InnerException: { } inner } => Cause(inner),
        _ => failure,
    };
}
