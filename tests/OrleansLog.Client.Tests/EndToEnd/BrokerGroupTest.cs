using System.Diagnostics;

namespace OrleansLog.Client.Tests;

/// <summary>What tests of groups at a real broker share: a topic and a group of their own, members in real time.</summary>
[Collection(SiloCollection.Name)]
public abstract class BrokerGroupTest(SiloFixture silo)
{
    private protected static readonly TimeSpan Patience = Eventually.Hang;

    public static TheoryData<Form> Forms => [Form.Direct, Form.Orleans, Form.Kafka];

    private protected SiloFixture Silo => silo;

    private protected string Topic { get; } = $"t-{Guid.NewGuid():N}";

    private protected string Group { get; } = $"g-{Guid.NewGuid():N}";

    private protected static ConsumerOptions FromTheStart => new()
    {
        AutoOffsetReset = AutoOffsetReset.Earliest,
        FetchMaxWaitMs = 100,
        MetadataMaxAgeMs = 200,
        UnknownTopicRetryMs = 200,
    };

    private protected GroupOptions Options(params GroupAssignor[] assignors) => new()
    {
        GroupId = Group,
        Assignors = assignors.Length == 0 ? [GroupAssignor.CooperativeSticky] : assignors,
        SessionTimeoutMs = 20_000,
        HeartbeatIntervalMs = 50,
        AutoCommitIntervalMs = 50,
    };

    private protected TestMember Join(
        ILogClient log, GroupOptions? group = null, Subscription? topics = null, ConsumerOptions? options = null, Action<TestMember>? prepare = null) =>
        new(log.CreateConsumer<string, string>(options ?? FromTheStart), topics ?? Subscription.To(Topic), group ?? Options(), prepare);

    /// <summary>The same client, with a way to the coordinators that can go down.</summary>
    private protected static (ILogClient Log, SwitchableCoordinator Network) Switchable(ILogClient log)
    {
        var context = ((LogClientCore)log).Context;
        var network = new SwitchableCoordinator(context.Groups!);
        return (LogClient.Create(context.Transport, context.Admin, groupTransport: network), network);
    }

    /// <summary>Writes so many records to each partition.</summary>
    private protected static async Task WriteAsync(ILogClient log, string topic, int partitions, int recordsEach)
    {
        await using var producer = log.CreateProducer<string, string>();
        await Task.WhenAll(Enumerable.Range(0, partitions * recordsEach)
            .Select(i => producer.ProduceAsync(new ProducerRecord<string, string>(topic, $"{i}", $"{i}") { Partition = i % partitions }).AsTask())).WaitAsync(Patience);
    }

    /// <summary>True when everything of so many partitions is committed.</summary>
    private protected async Task<bool> IsCaughtUpAsync(ILogClient log, int partitions) =>
        (await log.Admin.DescribeGroupAsync(Group)).Partitions.Count(static partition => partition.Lag == 0) == partitions;

    private protected static (TopicPartition, long)[] Places(params TestMember[] members) =>
        [.. members.SelectMany(static member => member.Read).Select(static record => (record.TopicPartition, record.Offset))];

    /// <summary>
    /// Waits until these have read so many different records together, and no others. One may come twice: a real broker's session may end
    /// on a busy machine, and what was not committed then is delivered again.
    /// </summary>
    private protected static async Task UntilRead(int count, params TestMember[] members)
    {
        await Until(() => Places(members).Distinct().Count() >= count, members);
        Assert.Equal(count, Places(members).Distinct().Count());
    }

    private protected static Task Until(Func<bool> condition, params TestMember[] members) => Until(
        async () =>
        {
            if (condition())
                return true;

            foreach (var member in members.Where(static member => member.Running.IsFaulted))
                await member.Running;

            return false;
        },
        () => string.Join("; ", members.Select(Describe)));

    /// <summary>Waits until it is so; what is told where it never happens is looked up then.</summary>
    private protected static async Task Until(Func<Task<bool>> condition, Func<string>? tell = null)
    {
        var watch = Stopwatch.StartNew();
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!await condition())
        {
            Assert.True(watch.Elapsed < Patience, $"It never happened. {tell?.Invoke()}");
            await pause.WaitForNextTickAsync();
        }
    }

    private static string Describe(TestMember member) =>
        $"{member.Consumer.Membership} read {member.Read.Count} of [{string.Join(',', member.Assignment.Select(static p => p.Partition))}] {string.Join(' ', member.Events)} {member.Running.Status}";
}
