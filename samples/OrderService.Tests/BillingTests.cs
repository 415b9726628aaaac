using Confluent.Kafka;
using OrleansLog.Testing;

namespace OrderService.Tests;

public class BillingTests(BrokerFixture fixture) : IClassFixture<BrokerFixture>
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Each_order_gets_one_invoice_also_when_billing_and_the_broker_are_restarted_between()
    {
        var broker = fixture.Broker;
        await broker.CreateTopicAsync(Billing.Orders);
        await broker.CreateTopicAsync(Billing.Invoices);

        await PlaceOrderAsync(broker, "1", "apples");
        using (RunBilling(broker))
            Assert.Equal(["invoice for apples"], await ReadInvoicesAsync(broker, 1));

        await broker.RestartAsync();
        await PlaceOrderAsync(broker, "2", "bread");
        using (RunBilling(broker))
            Assert.Equal(["invoice for apples", "invoice for bread"], await ReadInvoicesAsync(broker, 2));
    }

    private static async Task PlaceOrderAsync(TestBroker broker, string id, string what)
    {
        using var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = broker.BootstrapServers, LingerMs = 0 }).Build();
        await producer.ProduceAsync(Billing.Orders, new Message<string, string> { Key = id, Value = what });
    }

    // Reading blocks: it gets a thread of its own, because those of the pool are the broker's, too.
    private static Task<string[]> ReadInvoicesAsync(TestBroker broker, int count) =>
        Task.Factory.StartNew(() => ReadInvoices(broker, count), TaskCreationOptions.LongRunning);

    private static string[] ReadInvoices(TestBroker broker, int count)
    {
        using var consumer = new ConsumerBuilder<string, string>(new ConsumerConfig { BootstrapServers = broker.BootstrapServers, GroupId = "tests" }).Build();
        consumer.Assign(new TopicPartitionOffset(Billing.Invoices, 0, Offset.Beginning));
        return [.. Enumerable.Range(0, count).Select(number =>
            (consumer.Consume(Patience) ?? throw new TimeoutException($"{number} of {count} invoices came")).Message.Value)];
    }

    private static RunningBilling RunBilling(TestBroker broker) => new(new Billing(broker.BootstrapServers));

    private sealed class RunningBilling : IDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _run;

        public RunningBilling(Billing billing) => _run = Task.Factory.StartNew(() => billing.Run(_stop.Token), TaskCreationOptions.LongRunning);

        public void Dispose()
        {
            _stop.Cancel();
            _run.GetAwaiter().GetResult();
            _stop.Dispose();
        }
    }
}
