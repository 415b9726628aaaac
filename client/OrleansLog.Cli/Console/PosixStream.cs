using System.Runtime.InteropServices;

namespace OrleansLog.Cli;

/// <summary>
/// A standard stream by its descriptor. The runtime's console stream hides a closed pipe, and FileStream writes at a position of
/// its own, so that the next command of <c>(olog ...; olog ...) &gt; file</c> would overwrite the first.
/// </summary>
internal sealed partial class PosixStream(int descriptor, FileAccess access) : Stream
{
    private const int EINTR = 4;
    private const int EPIPE = 32;
    private const int LinuxEagain = 11;
    private const int BsdEagain = 35;
    private const short PollIn = 1;
    private const short PollOut = 4;

    public override bool CanRead => access == FileAccess.Read;

    public override bool CanWrite => access == FileAccess.Write;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        while (true)
        {
            var read = Native.Read(descriptor, ref MemoryMarshal.GetReference(buffer), (nuint)buffer.Length);
            if (read >= 0)
            {
                return (int)read;
            }

            WaitOrThrow(Marshal.GetLastPInvokeError(), PollIn, "read");
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var written = Native.Write(descriptor, ref MemoryMarshal.GetReference(buffer), (nuint)buffer.Length);
            if (written >= 0)
            {
                buffer = buffer[(int)written..];
                continue;
            }

            WaitOrThrow(Marshal.GetLastPInvokeError(), PollOut, "write");
        }
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private void WaitOrThrow(int errno, short events, string operation)
    {
        switch (errno)
        {
            case EINTR:
                return;
            case LinuxEagain or BsdEagain:
                // Another process made the shared descriptor non-blocking.
                var poll = new Native.PollDescriptor { Descriptor = descriptor, Events = events };
                _ = Native.Poll(ref poll, 1, -1);
                return;
            case EPIPE:
                throw new ClosedOutputException();
            default:
                throw new IOException($"cannot {operation} standard stream {descriptor}: {Marshal.GetPInvokeErrorMessage(errno)}");
        }
    }

    private static partial class Native
    {
        [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
        public static partial nint Read(int descriptor, ref byte buffer, nuint count);

        [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
        public static partial nint Write(int descriptor, ref byte buffer, nuint count);

        [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
        public static partial int Poll(ref PollDescriptor descriptors, nuint count, int timeoutMs);

        [StructLayout(LayoutKind.Sequential)]
        public struct PollDescriptor
        {
            public int Descriptor;
            public short Events;
            public short Returned;
        }
    }
}

/// <summary>The reader of standard output is gone: there is nothing left to do, and nothing is wrong.</summary>
internal sealed class ClosedOutputException() : IOException("standard output was closed");
