using OrleansLog.Protocol.Records;

namespace OrleansLog.Cli;

/// <summary>A record as the input has it; its bytes are borrowed until the next one is read.</summary>
internal readonly record struct InputRecord(Slice Key, Slice Value, RecordHeader[] Headers, int? Partition = null, long? TimestampMs = null);

/// <summary>Makes records of the pieces between delimiters.</summary>
internal interface IRecordParser
{
    /// <summary>The record of a piece; null where the piece is none, and is left out.</summary>
    /// <param name="line">The piece, without its delimiter.</param>
    /// <param name="number">Its number, from 1.</param>
    /// <exception cref="CliException">It is not what it should be.</exception>
    InputRecord? Parse(ReadOnlyMemory<byte> line, long number);
}
