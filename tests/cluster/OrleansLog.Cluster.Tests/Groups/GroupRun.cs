using System.Diagnostics;
using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using OrleansLog.Cluster.Member;
using OrleansLog.Cluster.Tests.History;
using OrleansLog.TestKit;
using OrleansLog.TestKit.Processes;

namespace OrleansLog.Cluster.Tests.Groups;

/// <summary>One broker, its producers and its groups, from the first record to the verdict.</summary>
internal sealed class GroupRun(TempDirectory place, GroupWorkload workload, int seed, IReadOnlyDictionary<string, string> settings) : IAsyncDisposable
{
    /// <summary>Longer than anything that is right takes: session, poll interval and backoffs are seconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly SiloLaunch _launch = new(place.Combine("data")) { Settings = settings };
    private readonly Random _random = new(seed);
    private readonly List<ConfluentLoad> _producers = [];
    private readonly List<TestedGroup> _groups = [];
    private readonly List<string> _story = [];
    private SiloProcess? _silo;

    /// <summary>What was done, in order, and what the clients said.</summary>
    public string Story => string.Join('\n', _story.Concat(_groups.SelectMany(group => group.Story)).Order(StringComparer.Ordinal)
        .Concat(_producers.SelectMany(producer => producer.Complaints).Concat(_groups.SelectMany(group => group.Complaints))
            .Where(line => !line.Contains("refused", StringComparison.Ordinal) && !line.Contains("brokers are down", StringComparison.Ordinal))
            .CountBy(line => line)
            .Select(line => $"{line.Value} x {line.Key}")));

    private long Acknowledged => _producers.Sum(producer => (long)producer.Acknowledged);

    public async Task BeginAsync(params GroupKind[] groups)
    {
        _silo = await SiloProcess.StartAsync(_launch);
        using (var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = _launch.BootstrapServers }).Build())
        {
            await admin.CreateTopicsAsync(workload.Topics.Select(topic => new TopicSpecification
            {
                Name = topic.Key,
                NumPartitions = topic.Value,
                Configs = new Dictionary<string, string> { ["segment.bytes"] = "1048576" },
            }));
        }

        _producers.AddRange(Enumerable.Range(0, workload.Producers).Select(number => new ConfluentLoad(number, _launch.BootstrapServers, workload)));
        foreach (var kind in groups)
        {
            _groups.Add(new TestedGroup(kind.ToString().ToLowerInvariant(), kind, _launch.BootstrapServers, workload, _random));
            _groups[^1].Begin();
        }

        await GoneOnAsync();
    }

    /// <summary>Two changes of membership in each group, with records between them.</summary>
    public async Task DisturbAsync()
    {
        for (var i = 0; i < 2; i++)
        {
            _groups.ForEach(group => group.Disturb());
            await ProducedAsync(_random.Next(100, 1_500));
        }
    }

    /// <summary>kill -9 under load, a start on the same ports, and everybody goes on.</summary>
    public async Task KillAsync(bool whileRebalancing)
    {
        if (whileRebalancing)
        {
            await _groups[_random.Next(_groups.Count)].BeginRebalanceAsync();
        }
        else
        {
            await ProducedAsync(_random.Next(1, 1_000));
        }

        Tell(whileRebalancing ? "the broker is killed while a group rebalances" : "the broker is killed");
        await _silo!.KillAsync();
        await _silo.DisposeAsync();
        _silo = await SiloProcess.StartAsync(_launch);
        Tell("the broker is back");
        var started = Stopwatch.GetTimestamp();
        await ProducedAsync(1);
        Tell(string.Create(CultureInfo.InvariantCulture, $"the next acknowledgement came after {Stopwatch.GetElapsedTime(started).TotalMilliseconds:F0} ms"));
        await GoneOnAsync();
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
            read[topic] = await TopicReader.ReadAsync(_launch.BootstrapServers, topic, partitions);
        }

        foreach (var group in _groups)
        {
            Must(await Until.ItIsAsync(() => Behind(group, read).Length == 0, Patience), $"{group.Name} does not come to the end: {Behind(group, read)}");
            Must(await group.LeaveAsync(Patience), $"a member of {group.Name} cannot leave");
        }

        Judge(read);
    }

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

        if (_silo is not null)
        {
            await _silo.DisposeAsync();
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

    private async Task ProducedAsync(int more)
    {
        var wanted = Acknowledged + more;
        Must(await Until.ItIsAsync(() => Acknowledged >= wanted, Patience), "no record is acknowledged any more");
    }

    /// <summary>Every group has committed something since.</summary>
    private async Task GoneOnAsync()
    {
        foreach (var group in _groups)
        {
            // Otherwise the only member may be one that does not poll.
            group.Settle();
            var before = group.Observer.Sum;
            Must(await Until.ItIsAsync(() => group.Observer.Sum > before, Patience), $"{group.Name} does not go on");
        }
    }

    private void Must(bool held, string otherwise) =>
        Assert.True(held, $"seed {seed}: {otherwise}\n{Story}\n{_silo?.Output}");

    private void Tell(string what) => _story.Add(string.Create(CultureInfo.InvariantCulture, $"{DateTime.Now:HH:mm:ss.fff} {what}"));
}
