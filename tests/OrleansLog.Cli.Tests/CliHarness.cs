using System.Text;
using OrleansLog.Client;

namespace OrleansLog.Cli.Tests;

/// <summary>Runs <c>olog</c> in the test's process, with streams of its own.</summary>
internal static class CliHarness
{
    public static Task<CliResult> RunAsync(params string[] args) => RunAsync(args, []);

    public static async Task<CliResult> RunAsync(
        string[] args, byte[] input, IConnector? connector = null, Stream? output = null, bool isTerminal = false,
        bool outIsTerminal = false, CancellationToken cancellationToken = default)
    {
        using var standardOutput = new MemoryStream();
        using var error = new StringWriter { NewLine = "\n" };
        using var io = new CliIo
        {
            In = new MemoryStream(input),
            Out = output ?? standardOutput,
            Error = error,
            OutIsTerminal = outIsTerminal,
            InIsTerminal = isTerminal,
            ErrorIsTerminal = isTerminal,
            Environment = _ => null,
        };
        var code = await new OlogApp(io, connector ?? new NoConnection()).RunAsync(args, cancellationToken: cancellationToken);
        return new CliResult((ExitCode)code, standardOutput.ToArray(), error.ToString());
    }

    private sealed class NoConnection : IConnector
    {
        public Task<ILogClient> ConnectAsync(ConnectionSettings settings, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("This command was not meant to connect.");
    }
}

/// <summary>What a run came to.</summary>
internal sealed record CliResult(ExitCode Code, byte[] Output, string Error)
{
    public string Text => Encoding.UTF8.GetString(Output);

    public string[] Lines => Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>This run, if it did what it should; else its words.</summary>
    public CliResult Succeeded()
    {
        Assert.True(Code == ExitCode.Ok, $"exit code {Code}: {Error}");
        return this;
    }

    /// <summary>A refusal is one line on standard error, with its exit code.</summary>
    public void Failed(ExitCode code, string words)
    {
        Assert.Equal(code, Code);
        var line = Assert.Single(Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("olog: ", line, StringComparison.Ordinal);
        Assert.Contains(words, line, StringComparison.Ordinal);
    }
}
