using Orleans.Runtime;

namespace OrleansLog.Grains;

/// <summary>The way to the controller, on whichever silo it is.</summary>
internal static class ControllerCalls
{
    /// <summary>Asks the controller.</summary>
    /// <exception cref="SiloUnavailableException">No silo that may host it is alive; or the one that did is gone, and the next call finds another.</exception>
    public static async Task<T> AskControllerAsync<T>(this IGrainFactory grains, Func<IControllerGrain, Task<T>> ask)
    {
        IControllerGrain controller;
        try
        {
            controller = grains.GetGrain<IControllerGrain>(0);
        }
        catch (ArgumentException e)
        {
            // Orleans knows of a grain for as long as a silo is alive that has its class.
            throw new SiloUnavailableException("no silo is alive that may host the controller (process.roles)", e);
        }

        return await ask(controller).ConfigureAwait(false);
    }
}
