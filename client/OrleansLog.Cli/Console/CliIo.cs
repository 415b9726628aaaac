using System.Text;
using Microsoft.Win32.SafeHandles;

namespace OrleansLog.Cli;

/// <summary>Everything that a command sees of its process; tests give it streams and a clock of their own.</summary>
internal sealed class CliIo : IDisposable
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);
    private StreamWriter? _text;

    public required Stream In { get; init; }

    public required Stream Out { get; init; }

    public required TextWriter Error { get; init; }

    public bool OutIsTerminal { get; init; }

    public bool ErrorIsTerminal { get; init; }

    public bool InIsTerminal { get; init; }

    /// <summary>Size of standard input where it is a file, else null.</summary>
    public long? InLength { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public Func<string, string?> Environment { get; init; } = System.Environment.GetEnvironmentVariable;

    /// <summary>Standard output as text: UTF-8, buffered, <c>\n</c> everywhere. Binary output goes to <see cref="Out"/> instead.</summary>
    public TextWriter Text => _text ??= new StreamWriter(Out, Utf8, bufferSize: 16 * 1024, leaveOpen: true) { NewLine = "\n" };

    public void Flush()
    {
        _text?.Flush();
        Out.Flush();
    }

    public void Dispose()
    {
        Out.Dispose();
        In.Dispose();
    }

    /// <summary>The process's own streams.</summary>
    public static CliIo OfProcess() => new()
    {
        In = OperatingSystem.IsWindows() ? System.Console.OpenStandardInput() : new PosixStream(0, FileAccess.Read),
        Out = OperatingSystem.IsWindows() ? System.Console.OpenStandardOutput() : new PosixStream(1, FileAccess.Write),
        Error = new StreamWriter(
            OperatingSystem.IsWindows() ? System.Console.OpenStandardError() : new PosixStream(2, FileAccess.Write), Utf8)
        { AutoFlush = true, NewLine = "\n" },
        InLength = LengthOf(0),
        InIsTerminal = !System.Console.IsInputRedirected,
        OutIsTerminal = !System.Console.IsOutputRedirected,
        ErrorIsTerminal = !System.Console.IsErrorRedirected,
    };

    private static long? LengthOf(int descriptor)
    {
        if (OperatingSystem.IsWindows())
        {
            return null;
        }

        try
        {
            using var handle = new SafeFileHandle(descriptor, ownsHandle: false);
            return RandomAccess.GetLength(handle) is > 0 and var length ? length : null;
        }
        catch (Exception e) when (e is NotSupportedException or IOException or ArgumentException)
        {
            return null;
        }
    }
}
