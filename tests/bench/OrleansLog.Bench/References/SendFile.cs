using System.ComponentModel;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;

namespace OrleansLog.Bench.References;

/// <summary>A part of a file into a socket without a copy through this process.</summary>
internal static class SendFile
{
    private const int PollOut = 1_000_000;

    public static void Send(Socket socket, SafeFileHandle file, long at, int bytes)
    {
        while (bytes > 0)
        {
            var sent = Libc.SendFile((int)socket.Handle, file, ref at, (nuint)bytes);
            if (sent > 0)
                bytes -= (int)sent;
            else if (!socket.Poll(PollOut, SelectMode.SelectWrite))
                throw new Win32Exception("the receiver has stopped");
        }
    }
}
