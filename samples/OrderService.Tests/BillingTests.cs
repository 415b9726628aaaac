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
        await using (RunBilling(broker))
            Assert.Equal(["invoice for apples"], await ReadInvoicesAsync(broker, 1));

        await broker.RestartAsync();
        await PlaceOrderAsync(broker, "2", "bread");
        await using (RunBilling(broker))
            Assert.Equal(["invoice for apples", "invoice for bread"], await ReadInvoicesAsync(broker, 2));
    }

    private static async Task PlaceOrderAsync(TestBroker broker, string id, string what)
    {
        using var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = broker.BootstrapServers, LingerMs = 0 }).Build();
        await producer.ProduceAsync(Billing.Orders, new Message<string, string> { Key = id, Value = what });
    }

    private static Task<string[]> ReadInvoicesAsync(TestBroker broker, int count) => OnThreadOfItsOwn(() =>
    {
        using var consumer = new ConsumerBuilder<string, string>(new ConsumerConfig { BootstrapServers = broker.BootstrapServers, GroupId = "tests" }).Build();
        consumer.Assign(new TopicPartitionOffset(Billing.Invoices, 0, Offset.Beginning));
        return Enumerable.Range(0, count)
            .Select(_ => consumer.Consume(Patience) ?? throw new TimeoutException("No invoice came."))
            .Select(static invoice => invoice.Message.Value)
            .ToArray();
    });

    private static RunningBilling RunBilling(TestBroker broker) => new(new Billing(broker.BootstrapServers));

    // The broker lives in this process and needs its thread pool: what blocks gets a thread of its own.
    private static Task<T> OnThreadOfItsOwn<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private sealed class RunningBilling : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _run;

        public RunningBilling(Billing billing) => _run = OnThreadOfItsOwn(() =>
        {
            billing.Run(_stop.Token);
            return true;
        });

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _run;
            _stop.Dispose();
        }
    }
}
