using System.Net;
using System.Net.Sockets;

namespace OrleansLog.Bench;

/// <summary>Ports of loopback that nobody has, each given once in a run: a silo takes several, and some rows run two silos.</summary>
internal static class Ports
{
    // Below what outgoing connections take theirs from, or one of them might have the port when the silo comes to it.
    private const int First = 20_000;
    private const int Count = 12_000;

    private static int s_taken = Random.Shared.Next(Count);

    public static int Take()
    {
        for (var tries = 0; tries < Count; tries++)
        {
            var port = First + (Interlocked.Increment(ref s_taken) % Count);
            try
            {
                using var free = new TcpListener(IPAddress.Loopback, port);
                free.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }

        throw new InvalidOperationException($"no port from {First} to {First + Count - 1} is free");
    }
}
