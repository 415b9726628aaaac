using System.Net.Sockets;
using OrleansLog.Kafka.Network.Sockets;

namespace OrleansLog.Kafka.Network;

/// <summary>What clients of another protocol are told.</summary>
internal static class Greetings
{
    private const int DiscardMost = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private static readonly byte[] HttpAnswer = System.Text.Encoding.ASCII.GetBytes(
        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 98\r\nConnection: close\r\n\r\n"
        + "This port speaks Kafka's binary protocol, not HTTP. The web pages are at orleanslog.http.address.\n");

    public static string NameOf(Greeting greeting) => greeting switch
    {
        Greeting.Http => "HTTP",
        Greeting.Tls => "TLS",
        _ => "Kafka's protocol",
    };

    /// <summary>
    /// A short answer that a browser shows, and the end of the connection. What the client still sends is read for a moment, or it might not see the answer.
    /// </summary>
    public static async ValueTask AnswerHttpAsync(ClientSocket socket, TimeProvider time)
    {
        var answered = AnswerAndDiscardAsync(socket);
        await answered.WaitAsync(Patience, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        socket.Dispose();
        await answered.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task AnswerAndDiscardAsync(ClientSocket socket)
    {
        await socket.SendAsync([new ArraySegment<byte>(HttpAnswer)]).ConfigureAwait(false);
        socket.Shutdown(SocketShutdown.Send);
        var scratch = new byte[1024];
        for (var i = 0; i < DiscardMost && await socket.ReceiveAsync(scratch).ConfigureAwait(false) > 0; i++)
        {
        }
    }
}
