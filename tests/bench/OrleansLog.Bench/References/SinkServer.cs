using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace OrleansLog.Bench.References;

/// <summary>Receives frames, writes each to a file and answers with some bytes: as little as a broker can do.</summary>
internal static class SinkServer
{
    private const int LargestFrame = 4 << 20;

    /// <summary>Listens; a thread for each connection.</summary>
    public static void Start(int answerBytes)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        ReferenceServer.Announce(((IPEndPoint)listener.LocalEndPoint!).Port);
        new Thread(() => Accept(listener, answerBytes)) { IsBackground = true }.Start();
    }

    private static void Accept(Socket listener, int answerBytes)
    {
        while (true)
        {
            var socket = listener.Accept();
            socket.NoDelay = true;
            new Thread(() => Serve(socket, answerBytes)) { IsBackground = true }.Start();
        }
    }

    private static void Serve(Socket socket, int answerBytes)
    {
        using var _ = socket;
        using var file = new RingFile();
        var buffer = new byte[LargestFrame];
        var answer = new byte[answerBytes];
        var (start, end) = (0, 0);
        while (true)
        {
            while (end - start < sizeof(int) || end - start < sizeof(int) + Length(buffer, start))
            {
                // Small frames leave a rest behind; a large one is received where it stays.
                if (start > 0)
                {
                    buffer.AsSpan(start, end - start).CopyTo(buffer);
                    (start, end) = (0, end - start);
                }

                var wanted = end < sizeof(int) ? 64 << 10 : Math.Max(sizeof(int) + Length(buffer, 0) - end, 1);
                var received = socket.Receive(buffer, end, Math.Min(wanted, buffer.Length - end), SocketFlags.None);
                if (received == 0)
                    return;

                end += received;
            }

            var length = Length(buffer, start);
            file.Append(buffer.AsSpan(start + sizeof(int), length));
            start += sizeof(int) + length;
            if (answerBytes > 0)
                socket.Send(answer);
        }
    }

    private static int Length(byte[] buffer, int at) => BinaryPrimitives.ReadInt32BigEndian(buffer.AsSpan(at));
}
