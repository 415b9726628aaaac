using OrleansLog.Protocol.Records;

namespace OrleansLog.Cli;

/// <summary>
/// How a file that does not end in a newline comes back as it was: its last record carries a header, and the consumer leaves the
/// newline off there. Two files after each other come back as <c>cat</c> would join them.
/// </summary>
internal static class EndOfInput
{
    /// <summary>Header of a record that was the last of its input, without a delimiter after it. Its value is empty.</summary>
    public const string HeaderKey = "olog.no-newline";

    public static RecordHeader Header { get; } = new(HeaderKey, ReadOnlyMemory<byte>.Empty);

    public static bool IsMarked(ReadOnlySpan<RecordHeader> headers)
    {
        foreach (ref readonly var header in headers)
        {
            if (header.Key == HeaderKey)
            {
                return true;
            }
        }

        return false;
    }
}
