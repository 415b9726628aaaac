namespace OrleansLog.Cli;

/// <summary>
/// What a record carries to its delivery: how many bytes of the input it is, and of one that the broker might find too large also its
/// number. Sizes that are common share an object, so that small records need none of their own.
/// </summary>
internal sealed class RecordSizes
{
    private const int SharedSizes = 4096;

    private readonly object?[] _shared = new object?[SharedSizes];

    /// <summary>The state for a record of so many bytes.</summary>
    public object StateOf(int bytes) => bytes < SharedSizes ? _shared[bytes] ??= bytes : bytes;

    /// <summary>The state for a record whose number must be known when it is refused.</summary>
    public static object StateOf(int bytes, long number) => new Numbered(bytes, number);

    /// <summary>The bytes that a state tells of.</summary>
    public static int BytesOf(object? state) => state switch { int bytes => bytes, Numbered numbered => numbered.Bytes, _ => 0 };

    /// <summary>The record's number, or null where it does not carry one.</summary>
    public static long? NumberOf(object? state) => (state as Numbered)?.Number;

    private sealed record Numbered(int Bytes, long Number);
}
