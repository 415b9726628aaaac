namespace OrleansLog.Protocol.Records;

/// <summary>What a leader checks in a batch before it appends it (D14). Allocates nothing.</summary>
public static class RecordBatchValidator
{
    /// <summary>Checks one batch, which has to fill <paramref name="batch"/> exactly.</summary>
    public static BatchVerdict Validate(ReadOnlySpan<byte> batch, in BatchRules rules) => throw new NotImplementedException();
}
