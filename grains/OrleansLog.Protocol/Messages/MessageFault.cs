namespace OrleansLog.Protocol.Messages;

/// <summary>Why bytes are not a message. <see cref="MessageFaults.Describe"/> has a sentence for each.</summary>
public enum MessageFault
{
    /// <summary>Nothing is wrong.</summary>
    None = 0,

    /// <summary>The bytes end before the message does.</summary>
    Truncated,

    /// <summary>Bytes are left behind the message.</summary>
    TrailingBytes,

    /// <summary>A length or a count is below -1.</summary>
    NegativeLength,

    /// <summary>A field is null that may not be null in this version.</summary>
    NullNotAllowed,

    /// <summary>An array, or a section of tagged fields, claims more elements than the bytes behind it can hold.</summary>
    CountTooLarge,

    /// <summary>A variable-length integer does not fit 32 bits.</summary>
    VarintTooLong,

    /// <summary>A string is not UTF-8.</summary>
    InvalidUtf8,

    /// <summary>Tags do not rise from field to field (KIP-482).</summary>
    TagOutOfOrder,

    /// <summary>A tagged field's content is not as long as its length says.</summary>
    TagLengthMismatch,

    /// <summary>The message would take more memory than the reader may use for it.</summary>
    TooMuchMemory,

    /// <summary>The version is not declared.</summary>
    UnsupportedVersion,
}

/// <summary>Sentences for <see cref="MessageFault"/>.</summary>
public static class MessageFaults
{
    /// <summary>One sentence for a log line.</summary>
    public static string Describe(this MessageFault fault) => fault switch
    {
        MessageFault.None => "The message is good.",
        MessageFault.Truncated => "The bytes end before the message does.",
        MessageFault.TrailingBytes => "There are bytes behind the message.",
        MessageFault.NegativeLength => "A length or a count is negative.",
        MessageFault.NullNotAllowed => "A field is null that may not be null in this version.",
        MessageFault.CountTooLarge => "A count is larger than the bytes behind it can hold.",
        MessageFault.VarintTooLong => "A variable-length integer is longer than 32 bits.",
        MessageFault.InvalidUtf8 => "A string is not valid UTF-8.",
        MessageFault.TagOutOfOrder => "The tags of tagged fields do not rise.",
        MessageFault.TagLengthMismatch => "A tagged field is not as long as it says.",
        MessageFault.TooMuchMemory => "The message would take more memory than a message of its size may.",
        MessageFault.UnsupportedVersion => "The version of the message is not known here.",
        _ => "The message has a fault that has no name here.",
    };
}
