using System.Net;
using System.Net.Sockets;
using OrleansLog.TestKit;

namespace OrleansLog.Cluster.Tests.Resources;

/// <summary>Clients that come, do something, and go without a goodbye, in any state of a connection.</summary>
internal static class Vandal
{
    private static readonly Func<RawClient, Deed, Task>[] Deeds =
    [
        static (_, _) => Task.CompletedTask,
        static (client, _) => client.SendAsync(new byte[] { 0, 0 }),
        static (client, deed) => client.SendAsync(deed.Produce.AsMemory(0, deed.Produce.Length / 2)),
        static (client, deed) => client.SendAsync(deed.Produce),
        static (client, deed) => client.SendAsync(deed.LongPoll),
        static (client, deed) => ManyAsync(client, deed.LongPoll, deed.LongPoll, deed.Produce),
        static (client, deed) => ManyAsync(client, deed.Produce, deed.Produce, deed.Fetch, deed.Fetch),
        static (client, deed) => ManyAsync(client, deed.Fetch, deed.Fetch, deed.Fetch, deed.Fetch),
        static (client, _) => client.SendAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray()),
        static (client, _) => client.SendAsync(new byte[] { 0x16, 3, 1, 2, 0, 1, 0, 1 }),
        static (client, _) => client.SendAsync(new byte[] { 0x7f, 0xff, 0xff, 0xff, 1 }),
        static async (client, deed) =>
        {
            await client.SendAsync(deed.Fetch);
            await client.ReceiveAsync();
        },
    ];

    /// <summary>Does one thing or another, and goes one way or another: all it held is the broker's to clear away.</summary>
    public static async Task ComeAndGoAsync(IPEndPoint broker, Deed deed, Random random)
    {
        using var client = await RawClient.ConnectAsync(broker);
        var (kind, end) = (random.Next(Deeds.Length), random.Next(4));
        try
        {
            await Deeds[kind](client, deed);
            if (end == 0)
                client.Socket.LingerState = new LingerOption(true, 0); // a reset
            else if (end == 1)
                client.Socket.Shutdown(SocketShutdown.Send);
            else if (end == 2)
                client.Socket.Shutdown(SocketShutdown.Receive);
        }
        catch (Exception error) when (error is SocketException or InvalidDataException)
        {
            // The broker was quicker to end it.
        }
    }

    private static async Task ManyAsync(RawClient client, params byte[][] requests)
    {
        foreach (var request in requests)
            await client.SendAsync(request);
    }

    /// <summary>The requests that vandals send.</summary>
    /// <param name="topic">A topic with records.</param>
    /// <param name="batch">A batch to write there.</param>
    internal sealed class Deed(string topic, byte[] batch)
    {
        /// <summary>Writes a batch.</summary>
        public byte[] Produce { get; } = RawClient.Frame(RawRequests.Produce(topic, batch, acks: -1), RawRequests.ProduceVersion, 1);

        /// <summary>Reads a mebibyte.</summary>
        public byte[] Fetch { get; } = RawClient.Frame(RawRequests.Fetch(topic, offset: 0), RawRequests.FetchVersion, 2);

        /// <summary>Waits for records that nobody writes.</summary>
        public byte[] LongPoll { get; } = RawClient.Frame(RawRequests.Fetch(topic, offset: 0, maxWaitMs: int.MaxValue, minBytes: int.MaxValue), RawRequests.FetchVersion, 2);
    }
}
