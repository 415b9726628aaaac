using System.Net.Sockets;

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

    /// <summary>A short answer that a browser shows. What the client still sends is read for a moment, or it might not see the answer.</summary>
    public static async ValueTask AnswerHttpAsync(Socket socket, TimeProvider time)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        await socket.SendAsync(HttpAnswer, SocketFlags.None, patience.Token).ConfigureAwait(false);
        socket.Shutdown(SocketShutdown.Send);
        var scratch = new byte[1024];
        for (var i = 0; i < DiscardMost && await socket.ReceiveAsync(scratch, SocketFlags.None, patience.Token).ConfigureAwait(false) > 0; i++)
        {
        }
    }
}
