using Orleans.Runtime;
using Orleans.Storage;
using OrleansLog.Kafka.Network;

namespace OrleansLog.Testing.Internals;

/// <summary>The way of one broker to the cluster's metadata: a controller that is paused writes none, and one that ends paused never does.</summary>
internal sealed class PausableStorage(IGrainStorage storage, TrafficGate gate) : IGrainStorage
{
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await gate.PassAsync().ConfigureAwait(false);
        await storage.ReadStateAsync(stateName, grainId, grainState).ConfigureAwait(false);
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await gate.PassAsync().ConfigureAwait(false);
        await storage.WriteStateAsync(stateName, grainId, grainState).ConfigureAwait(false);
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await gate.PassAsync().ConfigureAwait(false);
        await storage.ClearStateAsync(stateName, grainId, grainState).ConfigureAwait(false);
    }
}
