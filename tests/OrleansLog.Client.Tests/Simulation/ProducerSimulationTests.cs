using System.Globalization;
using OrleansLog.TestKit;

namespace OrleansLog.Client.Tests;

/// <summary>
/// Whatever becomes of leaders, requests and answers, what a producer says of a record is true: acknowledged means stored once, at that offset;
/// an error other than "unknown" means not stored, then and later; and the records of an idempotent producer stand in the order in which it took them.
/// </summary>
public sealed class ProducerSimulationTests : ClientTest
{
    private const int Seeds = 250;
    private const int Steps = 25;
    private const int Partitions = 3;
    private const short AlmostTheLastEpoch = short.MaxValue - 2;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task What_a_producer_reports_is_true(bool isIdempotent) => OwnThread.RunAsync(() =>
    {
        var stored = 0;
        for (var seed = 0; seed < Seeds; seed++)
            stored += new Run(this, seed, isIdempotent).Play();
        Assert.True(stored > Seeds, $"Only {stored} records were acknowledged in {Seeds} runs.");
    });

    /// <summary>One producer's life under one seed.</summary>
    private sealed class Run
    {
        private readonly ProducerSimulationTests _test;
        private readonly string _name;
        private readonly Random _random;
        private readonly bool _isIdempotent;
        private readonly bool _changesId;
        private readonly SimulatedPartition[] _partitions;
        private readonly List<DeliveryReport?>[] _reports = [.. Enumerable.Range(0, Partitions).Select(static _ => new List<DeliveryReport?>())];
        private readonly FakeCluster _cluster;

        public Run(ProducerSimulationTests test, int seed, bool isIdempotent)
        {
            _test = test;
            _name = $"seed {seed}";
            _random = new Random(seed);
            _isIdempotent = isIdempotent;
            _changesId = _random.Next(8) == 0;
            int[] percents = [5, 25, 60, 90];
            var percent = percents[_random.Next(percents.Length)];
            _partitions = [.. Enumerable.Range(0, Partitions).Select(i => new SimulatedPartition(new Random((seed * Partitions) + i), test.Time, percent))];
            _cluster = new FakeCluster(test.Time) { OnProduce = async request => await _partitions[request.Partition.Partition].ProduceAsync(request) };
            var id = 0L;
            _cluster.OnInitProducerId = _ => new InitProducerIdResult(ErrorCode.None, ++id, _changesId ? AlmostTheLastEpoch : (short)0);
            _cluster.AddTopic("t", Partitions);
        }

        /// <summary>Returns how many records were acknowledged.</summary>
        public int Play()
        {
            var log = LogClient.Create(_cluster, _cluster, _test.Time);
            var producer = log.CreateProducer<Unit, string>(new ProducerOptions
            {
                EnableIdempotence = _isIdempotent,
                LingerMs = _random.Next(2) * 4,
                DeliveryTimeoutMs = _random.Next(20, 150),
                RequestTimeoutMs = 20,
                RetryBackoffMs = 1,
                RetryBackoffMaxMs = 4,
                BatchBytes = 1024,
            });
            for (var step = 0; step < Steps; step++)
            {
                for (var records = _random.Next(5); records > 0; records--)
                    Produce(producer, _random.Next(Partitions));
                Pass(_random.Next(1, 15));
            }

            foreach (var partition in _partitions)
                partition.HasFaults = false;
            PassUntil(() => _reports.All(static reports => reports.TrueForAll(static report => report is not null)));
            Produce(producer, 0); // Whatever came before, the producer goes on.
            PassUntil(() => _reports[0][^1] is not null);
            Assert.True(_reports[0][^1]!.Value.IsStored, $"{_name}: {_reports[0][^1]!.Value.Error}");
            PassUntil(log.DisposeAsync().AsTask());
            foreach (var partition in _partitions)
                partition.DeliverLate();
            return Enumerable.Range(0, Partitions).Sum(Check);
        }

        private int Check(int partition)
        {
            var values = _partitions[partition].Values.Select(static value => int.Parse(value, CultureInfo.InvariantCulture)).ToArray();
            var reports = _reports[partition];
            for (var i = 0; i < reports.Count; i++)
            {
                var report = reports[i]!.Value;
                var offsets = Enumerable.Range(0, values.Length).Where(offset => values[offset] == i).ToArray();
                var found = $"{_name}: record {i} of partition {partition} is at [{string.Join(", ", offsets)}], and its report says {report.Error?.ToString() ?? $"offset {report.Offset}"}";
                if (report.Error is null)
                    Assert.True(offsets is [var only] && only == report.Offset, found);
                else
                    Assert.True(offsets.Length <= (report.Error is DeliveryUnknownException ? 1 : 0), found);
            }

            // What a former id sent and the network kept comes when it comes: only epochs fence it.
            var inOrder = _isIdempotent && !_changesId ? values : [.. values.Where(value => reports[value]!.Value.IsStored)];
            if (!_changesId)
                Assert.True(inOrder.SequenceEqual(inOrder.Order()), $"{_name}: partition {partition} has {string.Join(" ", inOrder)}");
            return reports.Count(static report => report!.Value.IsStored);
        }

        private void Produce(ILogProducer<Unit, string> producer, int partition)
        {
            var reports = _reports[partition];
            var index = reports.Count;
            reports.Add(null);
            PassUntil(producer.Produce(
                new ProducerRecord<Unit, string>("t", default, $"{index}") { Partition = partition }, (in DeliveryReport report) => reports[index] = report).AsTask());
        }

        private void PassUntil(Task task)
        {
            PassUntil(() => task.IsCompleted);
            task.GetAwaiter().GetResult();
        }

        private void PassUntil(Func<bool> condition)
        {
            for (var passedMs = 0; !IsSoAtRest(condition); passedMs++)
            {
                Assert.True(passedMs < 10_000, $"{_name}: it never happened.");
                _test.Time.Advance(TimeSpan.FromMilliseconds(1));
            }
        }

        private void Pass(int milliseconds)
        {
            for (; milliseconds > 0; milliseconds--)
            {
                Eventually.Wait(static () => ThreadPoolRest.IsReached);
                _test.Time.Advance(TimeSpan.FromMilliseconds(1));
            }
        }

        private static bool IsSoAtRest(Func<bool> condition)
        {
            Eventually.Wait(static () => ThreadPoolRest.IsReached);
            return condition();
        }
    }
}
