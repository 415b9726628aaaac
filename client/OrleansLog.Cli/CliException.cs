namespace OrleansLog.Cli;

/// <summary>A failure with its one line for standard error and its exit code. Caught once, in <see cref="OlogApp"/>.</summary>
internal sealed class CliException(ExitCode exitCode, string message, Exception? inner = null) : Exception(message, inner)
{
    public ExitCode ExitCode { get; } = exitCode;
}
