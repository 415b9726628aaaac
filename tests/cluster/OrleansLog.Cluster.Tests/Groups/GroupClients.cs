using System.Globalization;
using OrleansLog.Cluster.Member;
using OrleansLog.Cluster.Tests.History;

namespace OrleansLog.Cluster.Tests.Groups;

/// <summary>Producers and groups that read what these send, from the first record to the verdict.</summary>
/// <param name="bootstrapServers">Where all of them begin.</param>
/// <param name="workload">What is sent.</param>
/// <param name="seed">Decides what happens to the groups.</param>
/// <param name="output">What brokers have said, for who looks at a failure.</param>
internal sealed class GroupClients(string bootstrapServers, GroupWorkload workload, int seed, Func<string> output) : IAsyncDisposable
{
    /// <summary>Longer than anything that is right takes: session, poll interval and backoffs are seconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly List<ConfluentLoad> _producers = [];
    private readonly List<TestedGroup> _groups = [];
    private readonly List<string> _story = [];

    /// <summary>What was done, in order, and what the clients said.</summary>
    public string Story => string.Join('\n', _story.Concat(_groups.SelectMany(group => group.Story)).Order(StringComparer.Ordinal)
        .Concat(_producers.SelectMany(producer => producer.Complaints).Concat(_groups.SelectMany(group => group.Complaints))
            .Where(line => !line.Contains("refused", StringComparison.Ordinal) && !line.Contains("brokers are down", StringComparison.Ordinal))
            .CountBy(line => line)
            .Select(line => $"{line.Value} x {line.Key}")));

    public Random Random { get; } = new(seed);

    private long Acknowledged => _producers.Sum(producer => (long)producer.Acknowledged);

    /// <summary>Has the producers begin, and a group of each name and kind; completes when every group has committed something.</summary>
    public async Task BeginAsync(params IEnumerable<(string Name, GroupKind Kind)> groups)
    {
        _producers.AddRange(Enumerable.Range(0, workload.Producers).Select(number => new ConfluentLoad(number, bootstrapServers, workload)));
        foreach (var (name, kind) in groups)
        {
            _groups.Add(new TestedGroup(name, kind, bootstrapServers, workload, Random));
            _groups[^1].Begin();
        }

        await GoneOnAsync();
    }

    /// <summary>A change of membership in each group.</summary>
    public void Disturb() => _groups.ForEach(group => group.Disturb());

    /// <summary>One of the groups begins to rebalance, and is not done.</summary>
    public Task BeginRebalanceAsync() => _groups[Random.Next(_groups.Count)].BeginRebalanceAsync();

    public async Task ProducedAsync(int more)
    {
        var wanted = Acknowledged + more;
        Must(await Until.ItIsAsync(() => Acknowledged >= wanted, Patience), "no record is acknowledged any more");
    }

    /// <summary>Every group has committed something since.</summary>
    public async Task GoneOnAsync()
    {
        foreach (var group in _groups)
        {
            // Otherwise the only member may be one that does not poll.
            group.Settle();
            var before = group.Observer.Sum;
            Must(await Until.ItIsAsync(() => group.Observer.Sum > before, Patience), $"{group.Name} does not go on");
        }
    }

    /// <summary>No more records; the groups read to the end and leave; then the whole history is judged.</summary>
    public async Task FinishAsync()
    {
        foreach (var producer in _producers)
        {
            Must(await producer.FinishAsync(Patience) == 0, "a producer still has records without an answer");
        }

        _groups.ForEach(group => group.Settle());
        var read = new Dictionary<string, IReadOnlyList<ReadRecord>>();
        foreach (var (topic, partitions) in workload.Topics)
        {
            read[topic] = await TopicReader.ReadAsync(bootstrapServers, topic, partitions);
        }

        foreach (var group in _groups)
        {
            Must(await Until.ItIsAsync(() => Behind(group, read).Length == 0, Patience), $"{group.Name} does not come to the end: {Behind(group, read)}");
            Must(await group.LeaveAsync(Patience), $"a member of {group.Name} cannot leave");
        }

        Judge(read);
    }

    /// <summary>Adds a line to the story.</summary>
    public void Tell(string what) => _story.Add(string.Create(CultureInfo.InvariantCulture, $"{DateTime.Now:HH:mm:ss.fff} {what}"));

    public async ValueTask DisposeAsync()
    {
        foreach (var group in _groups)
        {
            await group.DisposeAsync();
        }

        foreach (var producer in _producers)
        {
            await producer.DisposeAsync();
        }
    }

    private static string Behind(TestedGroup tested, Dictionary<string, IReadOnlyList<ReadRecord>> read) => string.Join(", ",
        from topic in read
        from partition in topic.Value.GroupBy(record => record.Partition)
        let end = partition.Max(record => record.Offset) + 1
        let committed = tested.Observer.Committed(topic.Key, partition.Key)
        where committed != end
        select $"{topic.Key}-{partition.Key} at {committed} of {end}");

    private void Judge(Dictionary<string, IReadOnlyList<ReadRecord>> read)
    {
        var findings = new List<string>();
        foreach (var (topic, records) in read)
        {
            findings.AddRange(HistoryChecker.Check([.. _producers.SelectMany(producer => producer.SentTo(topic))], records)
                .Select(finding => $"{topic}: {finding}"));
            findings.AddRange(_groups.SelectMany(group => GroupHistoryChecker.Check(group.Events.Where(happened => happened.Topic == topic), records)
                .Select(finding => $"{topic}: {group.Name}: {finding}")));
        }

        Tell($"{read.Values.Sum(records => records.Count)} records, {Acknowledged} acknowledged, "
            + $"{_groups.Sum(group => group.Events.Count(happened => happened.Kind == GroupEventKind.Polled))} polls, {findings.Count} findings");
        Must(Acknowledged > 0 && findings.Count == 0, $"{findings.Count} anomalies\n{string.Join('\n', findings.Take(20))}");
    }

    private void Must(bool held, string otherwise) => Assert.True(held, $"seed {seed}: {otherwise}\n{Story}\n{output()}");
}
