using OrleansLog.Protocol.Compression;

namespace OrleansLog.Protocol.Records;

/// <summary>
/// Whether bytes are a whole and undamaged batch, whoever wrote it: what recovery, scrubbing and fetching check, and the
/// first part of what a leader checks.
/// </summary>
public static class BatchIntegrity
{
    /// <summary>
    /// Checks that a whole batch of a format and codec that are known here lies at the start of <paramref name="bytes"/>. The CRC
    /// is not computed: <see cref="CheckCrc"/> is the expensive part.
    /// </summary>
    public static BatchFault Check(ReadOnlySpan<byte> bytes, int maxBatchBytes, out RecordBatchHeader header)
    {
        if (!RecordBatchHeader.TryRead(bytes, out header)) return BatchFault.TooShort;
        if (header.SizeInBytes < RecordBatchHeader.Size) return BatchFault.LengthTooSmall;
        if (header.SizeInBytes > maxBatchBytes) return BatchFault.TooLarge;
        if (header.SizeInBytes > bytes.Length) return BatchFault.TooShort;
        if (header.Magic != BatchLayout.CurrentMagic) return BatchFault.UnsupportedMagic;
        if (!header.Codec.IsKnown()) return BatchFault.UnknownCodec;
        return header.RecordCount < 0 || header.LastOffsetDelta < 0 ? BatchFault.InvalidRecordCount : BatchFault.None;
    }

    /// <summary>Computes the CRC of the batch at the start of <paramref name="bytes"/>, which has passed <see cref="Check"/>.</summary>
    public static BatchFault CheckCrc(ReadOnlySpan<byte> bytes, in RecordBatchHeader header) =>
        RecordBatchHeader.ComputeCrc(bytes[..(int)header.SizeInBytes]) == header.Crc ? BatchFault.None : BatchFault.CrcMismatch;
}
