using System.CommandLine;
using OrleansLog.Client;

namespace OrleansLog.Cli;

/// <summary>Runs one command line: parses it, runs the command, and turns every outcome into an exit code and at most one line of error.</summary>
internal sealed class OlogApp(CliIo io, IConnector? connector = null)
{
    private readonly IConnector _connector = connector ?? new Connector();

    public async Task<int> RunAsync(string[] args, Func<ExitCode>? interruptedAs = null, CancellationToken cancellationToken = default)
    {
        ExitCode code;
        try
        {
            code = await ParseAndRunAsync(args, cancellationToken);
            io.Flush();
        }
        catch (ClosedOutputException)
        {
            return (int)ExitCode.Ok;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            code = ExitCode.Interrupted;
        }
        catch (Exception e)
        {
            code = Report(e);
        }

        if (code == ExitCode.Interrupted && interruptedAs?.Invoke() is { } signal and not ExitCode.Ok)
        {
            code = signal;
        }

        return FlushQuietly(code);
    }

    private async Task<ExitCode> ParseAndRunAsync(string[] args, CancellationToken cancellationToken)
    {
        var root = OlogCommand.Build(io, _connector);
        var parsed = root.Parse(args);
        if (UsageError.Of(parsed) is { } wrong)
        {
            throw new CliException(ExitCode.Usage, wrong);
        }

        return (ExitCode)await parsed.InvokeAsync(
            new InvocationConfiguration
            {
                Output = io.Text,
                Error = io.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            },
            cancellationToken);
    }

    private ExitCode Report(Exception exception)
    {
        var (code, message) = exception switch
        {
            CliException error => (error.ExitCode, error.Message),
            LogException error => Failures.Describe(error),
            IOException or UnauthorizedAccessException => (ExitCode.Error, exception.Message),
            _ => (ExitCode.Error, $"unexpected {exception.GetType().Name}: {exception.Message}"),
        };
        WriteError(message.ReplaceLineEndings(" "));
        if (io.Environment("OLOG_TRACE") is "1")
        {
            WriteError(exception.ToString());
        }

        return code;
    }

    private void WriteError(string message)
    {
        try
        {
            io.Text.Flush();
            io.Error.WriteLine($"olog: {message}");
        }
        catch (IOException)
        {
            // Nobody is left to tell; the exit code still does.
        }
    }

    private int FlushQuietly(ExitCode code)
    {
        try
        {
            io.Flush();
        }
        catch (ClosedOutputException)
        {
            // Whoever read the output has seen enough; an error keeps its code.
        }

        return (int)code;
    }
}
