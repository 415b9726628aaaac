using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace OrleansLog.Bench.References;

/// <summary>Answers each request (a length, then so many bytes of it) with the next mebibyte of a file: as little as a fetch can cost.</summary>
internal static class SourceServer
{
    /// <summary>Bytes of one answer, its length in front.</summary>
    public const int AnswerBytes = 1 << 20;

    private const int RequestMaxBytes = 4096;

    public static void Start(string path, bool withSendFile)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        ReferenceServer.Announce(((IPEndPoint)listener.LocalEndPoint!).Port);
        new Thread(() =>
        {
            while (true)
            {
                var socket = listener.Accept();
                socket.NoDelay = true;
                new Thread(() => Serve(socket, path, withSendFile)) { IsBackground = true }.Start();
            }
        })
        { IsBackground = true }.Start();
    }

    private static void Serve(Socket socket, string path, bool withSendFile)
    {
        using var _ = socket;
        using var file = File.OpenHandle(path);
        var request = new byte[RequestMaxBytes];
        var answer = new byte[AnswerBytes];
        var at = 0L;
        var end = RandomAccess.GetLength(file);
        while (Receive(socket, request.AsSpan(0, sizeof(int))) && Receive(socket, request.AsSpan(0, BinaryPrimitives.ReadInt32BigEndian(request))))
        {
            if (at + AnswerBytes > end)
                at = 0;

            if (withSendFile)
            {
                SendFile.Send(socket, file, at, AnswerBytes);
            }
            else
            {
                for (var read = 0; read < AnswerBytes;)
                    read += RandomAccess.Read(file, answer.AsSpan(read), at + read);

                socket.Send(answer);
            }

            at += AnswerBytes;
        }
    }

    private static bool Receive(Socket socket, Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var received = socket.Receive(bytes);
            if (received == 0)
                return false;

            bytes = bytes[received..];
        }

        return true;
    }
}
