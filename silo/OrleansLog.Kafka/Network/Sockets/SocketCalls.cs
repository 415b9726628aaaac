using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace OrleansLog.Kafka.Network.Sockets;

/// <summary>Linux' recv(2) and sendmsg(2) on sockets that do not block: the runtime's own calls on such sockets do not tell how much of a send has gone.</summary>
internal static unsafe partial class SocketCalls
{
    /// <summary>What a call answers that would have to wait.</summary>
    public const int WouldBlock = -1;

    private const int NoSignal = 0x4000; // MSG_NOSIGNAL
    private const int Interrupted = 4; // EINTR
    private const int TryAgain = 11; // EAGAIN
    private const int BrokenPipe = 32; // EPIPE
    private const int NoBuffers = 105; // ENOBUFS
    private const int NoMemory = 12; // ENOMEM

    /// <summary>Pieces of one call: few enough for the stack.</summary>
    private const int PiecesMost = 64;

    /// <summary>Receives what is there.</summary>
    /// <returns>Bytes; 0 at the end; <see cref="WouldBlock"/>.</returns>
    /// <exception cref="SocketException">The connection has failed.</exception>
    /// <exception cref="ObjectDisposedException">It was closed here.</exception>
    public static int Receive(SafeSocketHandle socket, Span<byte> room)
    {
        fixed (byte* memory = room)
        {
            while (true)
            {
                var received = (int)Recv(socket, memory, (nuint)room.Length, 0);
                if (received >= 0)
                    return received;

                if (IsFinal(out var result))
                    return result;
            }
        }
    }

    /// <summary>Sends as much as there is room for, with one call.</summary>
    /// <returns>Bytes that have gone, of the first pieces first; <see cref="WouldBlock"/>.</returns>
    /// <exception cref="SocketException">The connection has failed.</exception>
    /// <exception cref="ObjectDisposedException">It was closed here.</exception>
    public static int Send(SafeSocketHandle socket, List<ArraySegment<byte>> pieces)
    {
        var count = Math.Min(pieces.Count, PiecesMost);
        var vectors = stackalloc IoVector[count];
        var pins = stackalloc GCHandle[count];
        var pinned = 0;
        try
        {
            for (; pinned < count; pinned++)
            {
                var piece = pieces[pinned];
                pins[pinned] = GCHandle.Alloc(piece.Array, GCHandleType.Pinned);
                vectors[pinned] = new IoVector { Base = (byte*)pins[pinned].AddrOfPinnedObject() + piece.Offset, Length = (nuint)piece.Count };
            }

            var message = new Message { Vectors = vectors, VectorCount = (nuint)count };
            while (true)
            {
                var sent = (int)SendMessage(socket, &message, NoSignal);
                if (sent >= 0)
                    return sent;

                if (IsFinal(out var result))
                    return result;
            }
        }
        finally
        {
            while (pinned > 0)
                pins[--pinned].Free();
        }
    }

    /// <summary>False when the call is to be made again.</summary>
    private static bool IsFinal(out int result)
    {
        result = WouldBlock;
        var error = Marshal.GetLastPInvokeError();
        return error switch
        {
            Interrupted => false,
            TryAgain => true,
            BrokenPipe => throw new SocketException((int)SocketError.ConnectionReset),
            NoBuffers or NoMemory => throw new SocketException((int)SocketError.NoBufferSpaceAvailable),
            _ => throw new SocketException((int)SocketError.ConnectionReset, Marshal.GetPInvokeErrorMessage(error)),
        };
    }

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Recv(SafeSocketHandle socket, byte* bytes, nuint count, int flags);

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    private static partial nint SendMessage(SafeSocketHandle socket, Message* message, int flags);

    /// <summary><c>struct iovec</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct IoVector
    {
        public byte* Base;
        public nuint Length;
    }

    /// <summary><c>struct msghdr</c> of the 64-bit platforms.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Message
    {
        public void* Name;
        public nuint NameBytes;
        public IoVector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlBytes;
        public nint Flags;
    }
}
