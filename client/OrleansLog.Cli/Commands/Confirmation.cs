using System.CommandLine;

namespace OrleansLog.Cli;

/// <summary>Before something is deleted: what exactly, with <c>--dry-run</c> nothing more, and at a terminal the question.</summary>
internal sealed class Confirmation
{
    private const string Agreed = "yes";

    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Only show what would be deleted" };
    private readonly Option<bool> _yes = new("--yes", "-y") { Description = "Do not ask at a terminal" };

    /// <summary>Gives a command the two options.</summary>
    public void AddTo(Command command)
    {
        command.Add(_dryRun);
        command.Add(_yes);
    }

    /// <summary>Whether to go on; throws when the answer is no.</summary>
    /// <param name="invocation">The run.</param>
    /// <param name="plan">What would be done, a line each: "delete topic a with its 3 partitions".</param>
    public async Task<bool> GoesOnAsync(Invocation invocation, Func<Task<IReadOnlyList<string>>> plan)
    {
        if (invocation.Get(_dryRun))
        {
            Show(invocation, await plan());
            return false;
        }

        if (invocation.Get(_yes) || !(invocation.Io.InIsTerminal && invocation.Io.ErrorIsTerminal))
        {
            return true;
        }

        foreach (var line in await plan())
        {
            invocation.Io.Error.WriteLine($"would {line}");
        }

        return await AskAsync(invocation, "go on")
            ? true
            : throw new CliException(ExitCode.Error, "not confirmed, nothing was done");
    }

    /// <summary>Asks at the terminal; true for a typed yes.</summary>
    public static async Task<bool> AskAsync(Invocation invocation, string goal)
    {
        invocation.Io.Error.Write($"Type {Agreed} to {goal}: ");
        invocation.Io.Error.Flush();
        using var reader = new StreamReader(invocation.Io.In, leaveOpen: true);

        // A read from a terminal cannot be cancelled; the process ends without it.
        var line = await Task.Run(reader.ReadLine, CancellationToken.None).WaitAsync(invocation.Cancellation);
        return line?.Trim() == Agreed;
    }

    /// <summary>Says what would be done, a line each, or a document.</summary>
    public static void Show(Invocation invocation, IReadOnlyList<string> plan)
    {
        if (invocation.IsJson)
        {
            JsonOutput.Write(invocation.Io, [.. plan.Select(static line => new PlannedDocument(line))], DocumentContext.Default.IReadOnlyListPlannedDocument);
            return;
        }

        foreach (var line in plan)
        {
            invocation.Io.Text.WriteLine($"would {line}");
        }
    }
}
