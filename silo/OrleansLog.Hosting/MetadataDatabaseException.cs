namespace OrleansLog.Hosting;

/// <summary>The database that holds the cluster's metadata cannot be used: unreachable, refused, on a full disk, or of a newer build. The message says which, and what to do.</summary>
public sealed class MetadataDatabaseException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Which database, and what is wrong with it.</param>
    /// <param name="cause">The driver's error, if it is one.</param>
    public MetadataDatabaseException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }
}
