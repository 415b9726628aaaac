using System.Collections.Concurrent;
using System.Globalization;
using OrleansLog.Client;

namespace OrleansLog.Cluster.Tests.Brokers;

/// <summary>Creates topics one after the other, so that the metadata changes all the time, and remembers which of them it was told exist.</summary>
internal sealed class TopicMaker : IAsyncDisposable
{
    private readonly ILogClient _client;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _made = new(0);
    private readonly Task _making;

    public TopicMaker(ILogClient client)
    {
        _client = client;
        _making = Task.Run(MakeAsync);
    }

    /// <summary>Topics whose creation was answered.</summary>
    public ConcurrentQueue<string> Made { get; } = new();

    /// <summary>Topics of which nothing is known.</summary>
    public int InDoubt { get; private set; }

    /// <summary>Completes when that many more have been made.</summary>
    public async Task MadeAsync(int more)
    {
        for (var i = 0; i < more; i++)
            Assert.True(await _made.WaitAsync(TimeSpan.FromMinutes(5)));
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _making;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
        _made.Dispose();
    }

    private async Task MakeAsync()
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var i = 0; !_stop.IsCancellationRequested; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"made-{i}");
            try
            {
                await _client.Admin.CreateTopicAsync(name, partitions: 1, replicationFactor: 3);
                Made.Enqueue(name);
                _made.Release();
            }
            catch (LogException)
            {
                InDoubt++;
                await pause.WaitForNextTickAsync();
            }
        }
    }
}
