using OrleansLog.Testing;

namespace Interop.Tests;

/// <summary>Three brokers that the tests of a collection share; each leaves them all up.</summary>
public sealed class ClusterBench : IAsyncLifetime
{
    private int _names;

    public TestCluster Cluster { get; private set; } = null!;

    /// <summary>A name that no other test has.</summary>
    public string NewName(string what) => $"{what}-{Interlocked.Increment(ref _names)}";

    /// <summary>On all three brokers, two of which have to have a record before it is acknowledged.</summary>
    public async Task<string> NewTopicAsync(string what, int partitions)
    {
        var name = NewName(what);
        await Cluster.CreateTopicAsync(name, partitions, 3, new Dictionary<string, string> { ["min.insync.replicas"] = "2" });
        return name;
    }

    public async Task InitializeAsync() => Cluster = await TestCluster.StartAsync();

    public async Task DisposeAsync() => await Cluster.DisposeAsync();
}

[CollectionDefinition(nameof(ClusterBench))]
public sealed class ClusterBenchCollection : ICollectionFixture<ClusterBench>;
