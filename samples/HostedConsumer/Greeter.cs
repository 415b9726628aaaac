using OrleansLog.Client;

namespace HostedConsumer;

/// <summary>Greets whoever is the key of a record; one at a time for each of them.</summary>
internal sealed class Greeter : IRecordHandler<string, string>
{
    public ValueTask HandleAsync(ConsumeResult<string, string> record, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(record.Key))
            throw new InvalidDataException("Nobody to greet."); // After five attempts it lies in greetings-dead.
        Console.WriteLine($"{record.TopicPartition}@{record.Offset}: {record.Key} hears '{record.Value}'");
        return ValueTask.CompletedTask;
    }
}
