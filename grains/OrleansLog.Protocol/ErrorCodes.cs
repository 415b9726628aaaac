namespace OrleansLog.Protocol;

/// <summary>Names, meaning and retriability of every <see cref="ErrorCode"/>.</summary>
public static partial class ErrorCodes
{
    private const bool Retriable = true;
    private const bool Final = false;

    /// <summary>Every code, from <see cref="ErrorCode.UnknownServerError"/> (-1) upwards.</summary>
    public static IEnumerable<ErrorCode> All =>
        Enumerable.Range(FirstNumber, Table.Length).Select(number => (ErrorCode)number);

    /// <summary>
    /// Whether the same request may succeed when it is sent again, perhaps elsewhere after a metadata refresh. Note that
    /// <see cref="ErrorCode.RequestTimedOut"/> and <see cref="ErrorCode.NotEnoughReplicasAfterAppend"/> are retriable
    /// although the records may have been stored: only an idempotent producer retries those without duplicates.
    /// </summary>
    public static bool IsRetriable(this ErrorCode code) => Find(code).IsRetriable;

    /// <summary>The name in the protocol's documentation: <c>OFFSET_OUT_OF_RANGE</c>.</summary>
    public static string KafkaName(this ErrorCode code) => Find(code).Name;

    /// <summary>One English sentence for an error message.</summary>
    public static string Describe(this ErrorCode code) => Find(code).Description;

    /// <summary>Whether the number is one that this version knows; a newer broker may send others.</summary>
    public static bool IsKnown(this ErrorCode code) => (uint)((int)code - FirstNumber) < (uint)Table.Length;

    /// <summary>Finds a code by its protocol name, in any case: <c>OFFSET_OUT_OF_RANGE</c>.</summary>
    public static bool TryParse(string name, out ErrorCode code)
    {
        for (int i = 0; i < Table.Length; i++)
        {
            if (!string.Equals(Table[i].Name, name, StringComparison.OrdinalIgnoreCase)) continue;
            code = (ErrorCode)(i + FirstNumber);
            return true;
        }

        code = ErrorCode.UnknownServerError;
        return false;
    }

    // A code from a newer broker is treated as the unknown server error: final, and named as what it is.
    private static ref readonly Entry Find(ErrorCode code) =>
        ref Table[code.IsKnown() ? (int)code - FirstNumber : 0];

    private readonly record struct Entry(string Name, bool IsRetriable, string Description);
}
