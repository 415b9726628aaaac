using System.Globalization;
using OrleansLog.Client;

namespace OrleansLog.Bench;

/// <summary>A published broker in a process of its own, with topics whose pages are used again: small segments, cut off after each slice of a run.</summary>
internal sealed class SiloUnderTest : IAsyncDisposable
{
    private readonly SiloProcess _silo;
    private int _topics;

    private SiloUnderTest(SiloProcess silo, ILogClient client)
    {
        _silo = silo;
        Client = client;
    }

    /// <summary>Where its listener is.</summary>
    public string Address => _silo.KafkaAddress;

    /// <summary>The SDK, for what is not measured.</summary>
    public ILogClient Client { get; }

    /// <summary>Its process.</summary>
    public int ProcessId => _silo.ProcessId;

    /// <summary>Where its data is.</summary>
    public string DataDirectory => _silo.DataDirectory;

    /// <summary>Resident memory in MB.</summary>
    public double ResidentMb => _silo.ResidentMb();

    public static async Task<SiloUnderTest> StartAsync(string published, params string[] settings)
    {
        var silo = SiloProcess.StartOurs(published,
            ["orleanslog.flush.policy=os", "message.max.bytes=8388608", "log.retention.check.interval.ms=200", .. settings]);
        try
        {
            await silo.WaitForGatewayAsync();
            return new SiloUnderTest(silo, await LogClient.ConnectAsync(silo.KafkaAddress));
        }
        catch
        {
            await silo.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs something against a fresh topic, and deletes it afterwards.</summary>
    public async Task<T> WithTopicAsync<T>(int partitions, Func<string, Task<T>> run)
    {
        var topic = string.Create(CultureInfo.InvariantCulture, $"bench-{_topics++}");
        await Client.Admin.CreateTopicAsync(topic, partitions, 1, new Dictionary<string, string>
        {
            ["orleanslog.flush.policy"] = "os",
            ["segment.bytes"] = References.RingFile.SegmentBytes.ToString(CultureInfo.InvariantCulture),
            ["file.delete.delay.ms"] = "0",
        });
        try
        {
            return await run(topic);
        }
        finally
        {
            await Client.Admin.DeleteTopicAsync(topic);
        }
    }

    /// <summary>Cuts off everything that a topic has; its files are deleted at the next look, a fifth of a second later at most.</summary>
    public Task CutAsync(string topic, int partitions = 1) =>
        Client.Admin.DeleteRecordsAsync(Enumerable.Range(0, partitions).Select(partition => new DeleteRecordsQuery(new(topic, partition), -1)));

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await _silo.DisposeAsync();
    }
}
