namespace OrleansLog.Core.Controller;

/// <summary>The feature that gates record types and fields (D2): new ones are written once every broker can read them.</summary>
public static class MetadataVersions
{
    /// <summary>Its name among the features.</summary>
    public const string FeatureName = "metadata.version";

    /// <summary>Lowest level that this build can work with.</summary>
    public const short Min = 1;

    /// <summary>Highest level that this build understands.</summary>
    public const short Max = 1;
}
