using System.Globalization;
using System.Text;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Client;

/// <summary>Headers that a record gets when it goes to the dead-letter topic, behind those that it has; all are UTF-8 text.</summary>
public static class DeadLetterHeaders
{
    /// <summary>Topic that it was read from.</summary>
    public const string Topic = "olog.dead-letter.topic";

    /// <summary>Partition that it was read from.</summary>
    public const string Partition = "olog.dead-letter.partition";

    /// <summary>Its offset there.</summary>
    public const string Offset = "olog.dead-letter.offset";

    /// <summary>Its timestamp there, in milliseconds since the Unix epoch.</summary>
    public const string TimestampMs = "olog.dead-letter.timestamp";

    /// <summary>Group that gave it up.</summary>
    public const string Group = "olog.dead-letter.group";

    /// <summary>Type of the last exception.</summary>
    public const string ErrorType = "olog.dead-letter.error.type";

    /// <summary>Message of the last exception, at most 1,000 characters of it.</summary>
    public const string ErrorMessage = "olog.dead-letter.error.message";

    /// <summary>How often it was tried.</summary>
    public const string Attempts = "olog.dead-letter.attempts";

    private const int MessageCharactersMax = 1_000;

    internal static RecordHeader[] For(in ConsumeResult<byte[]?, byte[]?> record, string group, Exception error, int attempts)
    {
        var message = error.Message.Length <= MessageCharactersMax ? error.Message : error.Message[..MessageCharactersMax];
        return
        [
            .. record.Headers.Span,
            Text(Topic, record.Topic),
            Number(Partition, record.Partition),
            Number(Offset, record.Offset),
            Number(TimestampMs, record.TimestampMs),
            Text(Group, group),
            Text(ErrorType, error.GetType().FullName ?? error.GetType().Name),
            Text(ErrorMessage, message),
            Number(Attempts, attempts),
        ];
    }

    private static RecordHeader Text(string key, string value) => new(key, Encoding.UTF8.GetBytes(value));

    private static RecordHeader Number(string key, long value) => Text(key, value.ToString(CultureInfo.InvariantCulture));
}
