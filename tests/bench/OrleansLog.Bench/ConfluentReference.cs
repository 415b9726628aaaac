namespace OrleansLog.Bench;

/// <summary>The field's usual .NET producer into its own in-memory mock cluster: no disk and no other process.</summary>
internal static class ConfluentReference
{
    /// <summary>Records per second with every delivery handled.</summary>
    public static double Produce(int records, int recordBytes, int partitions)
    {
        const string Topic = "bench";
        var value = new byte[recordBytes];
        Random.Shared.NextBytes(value);
        using var producer = ConfluentClient.Producer(ConfluentClient.ProducerConfig(address: null));
        ConfluentClient.CreateInMock(producer, Topic, partitions);
        ConfluentClient.Produce(producer, Topic, partitions, 1, [value]);
        return records / ConfluentClient.Produce(producer, Topic, partitions, records, [value]).TotalSeconds;
    }
}
