namespace OrleansLog.Core.Controller;

/// <summary>
/// The metadata log holds what this build cannot read, or what does not fit together. Going on would mean acting on half
/// of the cluster's decisions, so whoever reads it stops.
/// </summary>
public sealed class MetadataFormatException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong, where, and what to do.</param>
    public MetadataFormatException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong, where, and what to do.</param>
    /// <param name="inner">What the decoder said.</param>
    public MetadataFormatException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
