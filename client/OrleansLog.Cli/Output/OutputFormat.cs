namespace OrleansLog.Cli;

/// <summary>How a command answers.</summary>
internal enum OutputFormat
{
    /// <summary>For people: tables and lines.</summary>
    Text,

    /// <summary>For programs: one JSON document, or one a line where there is no end of them.</summary>
    Json,
}
