namespace OrleansLog.Grains.Tests.Broker;

internal static class BrokerHostTestExtensions
{
    /// <summary>Completes when the background threads have done what an action gave them.</summary>
    public static async Task BackgroundIdleAfter(this BrokerHost host, Action action)
    {
        action();
        await host.BackgroundIdleAsync().WaitAsync(TimeSpan.FromMinutes(2));
    }

    /// <summary>Bytes in the segments of a partition.</summary>
    public static long LogBytes(this BrokerHost host, TopicPartition partition) =>
        host.Directories.All.SelectMany(directory => directory.Partitions).Single(open => open.Name == partition).Log.SizeInBytes;
}
