using System.Collections.Concurrent;
using Interop.Tests.Clients;
using OrleansLog.Testing;

namespace Interop.Tests;

/// <summary>The broker and the clients that all tests share; topics and groups keep them apart.</summary>
public sealed class Bench : IAsyncLifetime
{
    private readonly ConcurrentDictionary<string, Lazy<Task<IInteropClient>>> _clients = new();
    private int _topics;

    public TestBroker Broker { get; private set; } = null!;

    public string Servers => Broker.BootstrapServers;

    public Task<IInteropClient> ClientAsync(string client) =>
        _clients.GetOrAdd(client, name => new Lazy<Task<IInteropClient>>(() => Installed.StartAsync(name, Servers))).Value;

    /// <summary>A name that no other test has.</summary>
    public string NewName(string what) => $"{what}-{Interlocked.Increment(ref _topics)}";

    public async Task<string> NewTopicAsync(string what, int partitions = 1)
    {
        var name = NewName(what);
        await Broker.CreateTopicAsync(name, partitions);
        return name;
    }

    public async Task InitializeAsync() => Broker = await TestBroker.StartAsync();

    public async Task DisposeAsync()
    {
        // One that did not start has failed its tests already.
        foreach (var client in _clients.Values.Where(client => client.IsValueCreated))
        {
            if (await Task.WhenAny(client.Value) is { IsCompletedSuccessfully: true } started)
                await (await started).DisposeAsync();
        }

        await Broker.DisposeAsync();
    }
}

[CollectionDefinition(nameof(Bench))]
public sealed class BenchCollection : ICollectionFixture<Bench>;

/// <summary>Members of groups wait most of the time: beside the other tests, with a broker of their own.</summary>
[CollectionDefinition(nameof(GroupBench))]
public sealed class GroupBench : ICollectionFixture<Bench>;
