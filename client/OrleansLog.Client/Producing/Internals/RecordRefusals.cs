namespace OrleansLog.Client;

/// <summary>What each record of a refused batch is told where the broker has named the bad ones (KIP-467).</summary>
internal sealed class RecordRefusals
{
    private readonly Dictionary<int, RecordRefusedException> _bad = [];
    private readonly BatchRefusedException _others;

    private RecordRefusals(in ProduceResult result, TopicPartition partition)
    {
        _others = new BatchRefusedException(partition, result.Error, result.Message);
        foreach (var (index, message) in result.RecordErrors!)
            _bad[index] = new RecordRefusedException(partition, result.Error, message);
    }

    /// <summary>Null where the batch was refused as a whole.</summary>
    public static RecordRefusals? Of(in ProduceResult result, TopicPartition partition) =>
        result.RecordErrors is { Length: > 0 } ? new RecordRefusals(result, partition) : null;

    /// <summary>The error of a record.</summary>
    /// <param name="index">Where it stands in the batch, from 0.</param>
    public LogException For(int index) => _bad.TryGetValue(index, out var refused) ? refused : _others;
}
