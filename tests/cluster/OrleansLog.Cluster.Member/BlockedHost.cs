using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Hosting;
using OrleansLog.Client;
using OrleansLog.TestKit;

namespace OrleansLog.Cluster.Member;

/// <summary>
/// A program that hosts a broker and blocks its thread pool, on the word <c>block</c>, until it is told anything else: no thread is left and none is added.
/// </summary>
internal static class BlockedHost
{
    /// <summary>The argument that means it.</summary>
    public const string Argument = "blocked-host";

    /// <summary>Follows its standard input; the answers are <c>ready</c>, <c>blocked</c> and <c>free</c>.</summary>
    public static void Run(int kafkaPort, TextReader input, TextWriter output)
    {
        using var place = new TempDirectory("blocked-host");
        using var host = Build(kafkaPort, place.Path);
        host.StartAsync().GetAwaiter().GetResult();
        host.Services.GetRequiredService<ILogAdmin>().CreateTopicAsync("t").GetAwaiter().GetResult();
        output.WriteLine("ready");
        while (input.ReadLine() == "block")
        {
            ThreadPool.GetMinThreads(out var workersLeast, out var ioLeast);
            ThreadPool.GetMaxThreads(out var workersMost, out var ioMost);
            var workers = Environment.ProcessorCount;
            var (release, blocked) = (new ManualResetEventSlim(), new SemaphoreSlim(0)); // which the last of the work items use when all is over
            if (!ThreadPool.SetMinThreads(workers, ioLeast) || !ThreadPool.SetMaxThreads(workers, ioMost))
                throw new InvalidOperationException($"The pool takes no bound of {workers} threads");

            for (var i = 0; i < 64; i++)
            {
                ThreadPool.UnsafeQueueUserWorkItem(
                    _ =>
                    {
                        blocked.Release();
                        release.Wait();
                    },
                    null);
            }

            for (var i = 0; i < workers; i++)
                blocked.Wait();

            output.WriteLine("blocked");
            input.ReadLine();
            release.Set();
            ThreadPool.SetMaxThreads(workersMost, ioMost);
            ThreadPool.SetMinThreads(workersLeast, ioLeast);
            output.WriteLine("free");
        }

        host.StopAsync().GetAwaiter().GetResult();
    }

    private static IHost Build(int kafkaPort, string directory)
    {
        var ports = FreePorts.Take(2);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.UseOrleans(silo => silo.UseLocalhostClustering(ports[0], ports[1]).AddOrleansLog(broker => broker
            .Set("log.dirs", directory)
            .Set("listeners", $"PLAINTEXT://127.0.0.1:{kafkaPort}")
            .Set("broker.session.timeout.ms", "3600000"))); // a broker whose heartbeats wait for the pool is fenced in time: that is not what this is about
        builder.Services.AddOrleansLogClient();
        return builder.Build();
    }
}
