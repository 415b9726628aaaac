using System.Diagnostics;
using Microsoft.Extensions.Logging;
using OrleansLog.Grains;
using OrleansLog.Silo.Logging;

namespace OrleansLog.Silo;

/// <summary>Starts the broker, says where it listens, and stops it on Ctrl-C and SIGTERM.</summary>
internal static class SiloApp
{
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

        using var logs = new LineLoggerProvider(error, TimeProvider.System, holdsBack: arguments.LogLevel >= LogLevel.Warning);
        try
        {
            using var host = SiloHost.Build(arguments, logs);
            await host.StartAsync();
            var session = host.Services.GetRequiredService<BrokerSession>();
            var stopping = Stopping(host);
            await Task.WhenAny(session.Unfenced, stopping);
            logs.Release();
            var ready = host.Services.GetRequiredService<BrokerHost>().Ready;
            await Task.WhenAny(ready, stopping);
            if (ready.IsCompletedSuccessfully)
            {
                Banner.Write(output, host.Services, SinceStart());
            }

            await host.WaitForShutdownAsync();
            if (session.Failure is not { } reason)
            {
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
