using Confluent.Kafka;

namespace OrderService.Tests;

/// <summary>The code under test: reads orders, writes an invoice for each, and commits what it has done. It knows nothing of tests.</summary>
public sealed class Billing(string bootstrapServers)
{
    public const string Orders = "orders";
    public const string Invoices = "invoices";

    public void Run(CancellationToken cancellationToken)
    {
        using var producer = new ProducerBuilder<string, string>(new ProducerConfig
        {
            BootstrapServers = bootstrapServers,
            EnableIdempotence = true,
            LingerMs = 0,
        }).Build();
        using var consumer = new ConsumerBuilder<string, string>(new ConsumerConfig
        {
            BootstrapServers = bootstrapServers,
            GroupId = "billing",
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnableAutoCommit = false,
        }).Build();
        consumer.Subscribe(Orders);
        try
        {
            while (true)
            {
                var order = consumer.Consume(cancellationToken);
                var invoice = new Message<string, string> { Key = order.Message.Key, Value = $"invoice for {order.Message.Value}" };
                // What is begun is ended: stopped between the two, it would write the invoice again the next time.
                producer.ProduceAsync(Invoices, invoice, CancellationToken.None).GetAwaiter().GetResult();
                consumer.Commit(order);
            }
        }
        catch (OperationCanceledException)
        {
        }
        finally
        {
            consumer.Close();
        }
    }
}
