namespace OrleansLog.Grains.Tests.Broker;

internal static class BrokerHostTestExtensions
{
    /// <summary>Completes when the background threads have done what an action gave them.</summary>
    public static async Task BackgroundIdleAfter(this BrokerHost host, Action action)
    {
        action();
        await host.BackgroundIdleAsync().WaitAsync(TimeSpan.FromSeconds(30));
    }
}
