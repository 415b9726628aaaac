namespace OrleansLog.Grains.Directories;

/// <summary>Whether a log directory can be written (S8).</summary>
internal enum DirectoryHealth
{
    /// <summary>It can.</summary>
    Online,

    /// <summary>The disk is full: appends are refused until there is room again, reads and retention go on.</summary>
    Full,

    /// <summary>The disk failed: nothing is served until a restart.</summary>
    Offline,
}
