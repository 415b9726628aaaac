using Spectre.Console;
using Spectre.Console.Rendering;

namespace OrleansLog.Cli;

/// <summary>A progress bar with the rate on standard error, for people who watch; gone when the work is done.</summary>
internal static class ProgressView
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(200);

    public static async Task RunAsync(CliIo io, string title, Func<long> bytesDone, long? totalBytes, Func<Task> work)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(io.Error),

            // It is drawn where somebody watches, also while the records come through a pipe.
            Interactive = InteractionSupport.Yes,
        });
        List<ProgressColumn> columns = [new TaskDescriptionColumn()];
        columns.AddRange(totalBytes is null
            ? [new SpinnerColumn()]
            : [new ProgressBarColumn(), new PercentageColumn()]);
        columns.AddRange([new SizeColumn(), new RateColumn()]);
        if (totalBytes is not null)
        {
            columns.Add(new RemainingTimeColumn());
        }

        await console.Progress().AutoClear(true).Columns([.. columns]).StartAsync(async context =>
        {
            var bar = context.AddTask(Markup.Escape(title), maxValue: totalBytes ?? double.MaxValue);
            bar.IsIndeterminate = totalBytes is null;
            var working = work();
            using var timer = new PeriodicTimer(Tick, io.Time);
            while (!working.IsCompleted)
            {
                _ = await Task.WhenAny(working, timer.WaitForNextTickAsync().AsTask());
                bar.Value = bytesDone();
            }

            await working;
        });
    }

    /// <summary>How much is done, in the words of the summary.</summary>
    private sealed class SizeColumn : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text(
            task.IsIndeterminate ? Sizes.Format(task.Value) : $"{Sizes.Format(task.Value)} of {Sizes.Format(task.MaxValue)}");
    }

    private sealed class RateColumn : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(task.Speed is { } bytesPerSecond ? $"{Sizes.Format(bytesPerSecond)}/s" : "");
    }
}
