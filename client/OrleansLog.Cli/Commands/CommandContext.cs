using System.CommandLine;
using OrleansLog.Client;

namespace OrleansLog.Cli;

/// <summary>What commands are made of: the process's streams, the global options, the way to a cluster.</summary>
internal sealed record CommandContext(CliIo Io, GlobalOptions Global, IConnector Connector)
{
    /// <summary>Gives a command its action.</summary>
    public Command Run(Command command, Func<Invocation, Task<ExitCode>> action)
    {
        command.SetAction(async (parsed, cancellationToken) => (int)await action(new Invocation(this, parsed, cancellationToken)));
        return command;
    }

    /// <summary>Gives a command an action that needs a cluster.</summary>
    public Command RunConnected(Command command, Func<Invocation, ILogClient, Task<ExitCode>> action) => Run(command, async invocation =>
    {
        await using var client = await invocation.ConnectAsync();
        return await action(invocation, client);
    });

    /// <summary>Gives a command an action that deletes something: <c>--dry-run</c> shows what, and at a terminal it is asked for.</summary>
    public Command RunDestructive(
        Command command, Func<Invocation, ILogClient, Task<IReadOnlyList<string>>> plan, Func<Invocation, ILogClient, Task<ExitCode>> action)
    {
        var confirmation = new Confirmation();
        confirmation.AddTo(command);
        return RunConnected(command, async (invocation, client) =>
            await confirmation.GoesOnAsync(invocation, () => plan(invocation, client)) ? await action(invocation, client) : ExitCode.Ok);
    }
}

/// <summary>One run of one command.</summary>
internal sealed record Invocation(CommandContext Context, ParseResult Parsed, CancellationToken Cancellation)
{
    public CliIo Io => Context.Io;

    public OutputFormat Format => Context.Global.FormatOf(Parsed);

    public bool IsJson => Format == OutputFormat.Json;

    public T Get<T>(Option<T> option) => Parsed.GetValue(option)!;

    public T Get<T>(Argument<T> argument) => Parsed.GetValue(argument)!;

    public ConnectionSettings Connection => Context.Global.ConnectionOf(Parsed, Io.Environment);

    public Task<ILogClient> ConnectAsync() => Context.Connector.ConnectAsync(Connection with { Notes = Io.Error }, Cancellation);
}
