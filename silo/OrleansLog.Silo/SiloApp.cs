using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using OrleansLog.Hosting.Health;
using OrleansLog.Silo.Logging;

namespace OrleansLog.Silo;

/// <summary>Starts the broker, or the controller that is none, says where it listens, and stops it on Ctrl-C and SIGTERM.</summary>
internal static class SiloApp
{
    /// <summary>What is stopped while it starts has served nobody: its logs are closed, and no more is waited for.</summary>
    private static readonly TimeSpan HalfStartedStopTimeout = TimeSpan.FromSeconds(10);

    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        var (arguments, exitCode) = new SiloCommand().Read(args, output, error);
        if (arguments is null)
        {
            return exitCode;
        }

        if (arguments.Settings.FirstOrDefault(s => SiloSettings.Split(s) is null) is { } wrong)
        {
            error.WriteLine($"orleanslog: -c {wrong}: expected KEY=VALUE");
            return ExitCode.Usage;
        }

        using var logs = new LineLoggerProvider(error, TimeProvider.System, holdsBack: arguments.LogLevel >= LogLevel.Warning, tracesAll: arguments.LogLevel <= LogLevel.Debug);
        try
        {
            using var host = SiloHost.Build(arguments, logs);
            var status = host.Services.GetRequiredService<NodeStatus>();
            var ready = status.Ready;
            if (await TryStartAsync(host))
            {
                var stopping = Stopping(host);
                await Task.WhenAny(status.Joined, stopping);
                logs.Release();
                await Task.WhenAny(ready, stopping);
                if (ready.IsCompletedSuccessfully)
                {
                    Banner.Write(output, host.Services, SinceStart());
                }

                await host.WaitForShutdownAsync();
            }

            if (status.Failure is not { } reason)
            {
                if (!ready.IsCompletedSuccessfully)
                {
                    error.WriteLine("orleanslog: stopped while starting");
                }

                return ExitCode.Ok;
            }

            error.WriteLine("orleanslog: had to stop: " + reason.Message.ReplaceLineEndings(" "));
            return ExitCode.Failed;
        }
        catch (Exception failure)
        {
            error.WriteLine("orleanslog: " + StartFailure.Describe(failure));
            return failure is Hosting.OrleansLogConfigurationException ? ExitCode.Usage : ExitCode.Failed;
        }
    }

    /// <summary>Starts the silo; false when it was asked to stop meanwhile, and has stopped.</summary>
    private static async Task<bool> TryStartAsync(IHost host)
    {
        try
        {
            await host.StartAsync();
            return true;
        }
        catch (Exception failure) when (StartFailure.IsCancellation(failure)
            && host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested)
        {
            await StopAsync(host);
            return false;
        }
    }

    private static async Task StopAsync(IHost host)
    {
        try
        {
            await host.StopAsync();
        }
        catch (InvalidOperationException)
        {
            // Orleans stops no silo that has not started to the end: what has started of it is ended here, in its order. The last step tells the
            // other silos, again and again where the database is what the start was waiting for; the process does not wait for that.
            using var patience = new CancellationTokenSource(HalfStartedStopTimeout);
            await host.Services.GetRequiredService<ISiloLifecycleSubject>().OnStop(patience.Token)
                .WaitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static Task Stopping(IHost host)
    {
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(() => stopping.TrySetResult());
        return stopping.Task;
    }

    private static TimeSpan SinceStart()
    {
        using var process = Process.GetCurrentProcess();
        return DateTime.Now - process.StartTime;
    }
}
