using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace Embedded;

/// <summary>The app's own storage provider: a JSON file for each grain.</summary>
internal sealed class CartFiles(string directory) : IGrainStorage
{
    public const string Name = "carts";

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var path = PathOf(stateName, grainId);
        grainState.RecordExists = File.Exists(path);
        if (grainState.RecordExists)
        {
            await using var file = File.OpenRead(path);
            grainState.State = await JsonSerializer.DeserializeAsync<T>(file) ?? Activator.CreateInstance<T>();
        }
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        Directory.CreateDirectory(directory);
        await using var file = File.Create(PathOf(stateName, grainId));
        await JsonSerializer.SerializeAsync(file, grainState.State);
        grainState.RecordExists = true;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        File.Delete(PathOf(stateName, grainId));
        grainState.RecordExists = false;
        return Task.CompletedTask;
    }

    private string PathOf(string stateName, GrainId grainId) =>
        Path.Combine(directory, $"{stateName}-{Convert.ToHexString(grainId.Key.AsSpan())}.json");
}

/// <summary>Registers the provider.</summary>
internal static class CartFilesExtensions
{
    public static ISiloBuilder AddCartFiles(this ISiloBuilder silo, string directory)
    {
        silo.Services.AddKeyedSingleton<IGrainStorage>(CartFiles.Name, new CartFiles(directory));
        return silo;
    }
}
