using OrleansLog.Client;
using Spectre.Console;

namespace OrleansLog.Cli;

/// <summary><c>olog cluster status</c>: one picture of the cluster, or one after the other.</summary>
internal sealed class StatusRun(Invocation invocation, int problemsMax) : IAsyncDisposable
{
    private ILogClient? _client;

    private CliIo Io => invocation.Io;

    public Task<ExitCode> RunAsync(TimeSpan? pause) =>
        pause is not { } wait ? OnceAsync()
        : Io.OutIsTerminal && !invocation.IsJson ? WatchDrawnAsync(wait)
        : WatchAsync(wait, Write);

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
        {
            await _client.DisposeAsync();
        }
    }

    private async Task<ExitCode> OnceAsync()
    {
        var picture = await ReadAsync();
        if (invocation.IsJson)
        {
            WriteJson(picture);
        }
        else
        {
            StatusView.Of(picture, problemsMax).WriteTo(Io);
        }

        return picture.IsHealthy ? ExitCode.Ok : ExitCode.Degraded;
    }

    private async Task<ExitCode> WatchDrawnAsync(TimeSpan pause)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Io.Text) });
        try
        {
            return await console.Live(new Text("")).StartAsync(context => WatchAsync(pause, (picture, trouble) =>
            {
                context.UpdateTarget(ViewOf(picture, trouble).Drawn());
                Io.Flush();
            }));
        }
        finally
        {
            // The cursor comes back with what is written last.
            Io.Flush();
        }
    }

    /// <summary>Looks again and again, also while nobody answers, until it is cancelled.</summary>
    private async Task<ExitCode> WatchAsync(TimeSpan pause, Action<ClusterPicture?, string> show)
    {
        while (true)
        {
            var (picture, trouble) = await LookAsync();
            show(picture, trouble);
            await Task.Delay(pause, Io.Time, invocation.Cancellation);
        }
    }

    private async Task<(ClusterPicture? Picture, string Trouble)> LookAsync()
    {
        try
        {
            return (await ReadAsync(), "");
        }
        catch (CliException error) when (error.ExitCode == ExitCode.CannotConnect)
        {
            return (null, error.Message);
        }
        catch (LogException error)
        {
            return (null, Failures.Describe(error).Message);
        }
    }

    // The client that once reached the cluster knows more brokers than the command line names.
    private async Task<ClusterPicture> ReadAsync()
    {
        _client ??= await invocation.ConnectAsync();
        return await ClusterPicture.ReadAsync(_client.Admin, invocation.Cancellation);
    }

    private void Write(ClusterPicture? picture, string trouble)
    {
        if (!invocation.IsJson)
        {
            ViewOf(picture, trouble).WriteTo(Io);
        }
        else if (picture is not null)
        {
            WriteJson(picture);
        }
        else
        {
            JsonOutput.Write(Io, new UnreachableDocument(NowMs, trouble), DocumentContext.Default.UnreachableDocument);
        }

        Io.Flush();
    }

    private StatusView ViewOf(ClusterPicture? picture, string trouble) =>
        (picture is null ? StatusView.Unreachable(trouble) : StatusView.Of(picture, problemsMax)).At(Timestamps.Format(NowMs));

    private long NowMs => Io.Time.GetUtcNow().ToUnixTimeMilliseconds();

    private void WriteJson(ClusterPicture picture) => JsonOutput.Write(
        Io,
        new ClusterStatusDocument(
            NowMs, picture.Cluster.ClusterId, picture.Cluster.ControllerId, picture.IsHealthy, picture.Topics, picture.Partitions,
            picture.Count(PartitionProblems.Offline), picture.Count(PartitionProblems.UnderReplicated), picture.Count(PartitionProblems.UnderMinIsr),
            picture.Count(PartitionProblems.AtMinIsr), picture.Count(PartitionProblems.NotPreferredLeader), picture.Problems.Count,
            [.. picture.Problems.Take(problemsMax).Select(static problem => problem.ToDocument())],
            [.. picture.Brokers.Select(static broker => broker.ToDocument())]),
        DocumentContext.Default.ClusterStatusDocument);
}
