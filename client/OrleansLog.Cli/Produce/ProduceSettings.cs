using OrleansLog.Client;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Cli;

/// <summary>What <c>olog produce</c> was asked to do, checked.</summary>
internal sealed record ProduceSettings
{
    public required string Topic { get; init; }

    /// <summary>Path of the input, or null for standard input.</summary>
    public string? File { get; init; }

    public required byte[] Delimiter { get; init; }

    /// <summary>What lies between key and value, or null where records have no key.</summary>
    public byte[]? KeySeparator { get; init; }

    /// <summary>A key or value that stands for null, or null where there is none.</summary>
    public byte[]? NullMarker { get; init; }

    public RecordHeader[] Headers { get; init; } = [];

    public int? Partition { get; init; }

    public long? TimestampMs { get; init; }

    /// <summary>Largest record, or null for what the topic takes.</summary>
    public int? MaxRecordBytes { get; init; }

    /// <summary>What says how large a record may be.</summary>
    public string LimitedBy => MaxRecordBytes is null ? "the topic's max.message.bytes" : "--max-record-bytes";

    /// <summary>Whether each piece of the input is a JSON object.</summary>
    public bool IsJsonInput { get; init; }

    /// <summary>Whether to make the topic where it is not there.</summary>
    public bool CreatesTopic { get; init; }

    public bool MarksEnd { get; init; } = true;

    public bool IsVerbose { get; init; }

    public bool IsQuiet { get; init; }

    public required ProducerOptions Producer { get; init; }
}
