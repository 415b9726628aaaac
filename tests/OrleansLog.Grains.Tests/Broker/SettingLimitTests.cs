using System.Globalization;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using OrleansLog.Core.Configuration;
using OrleansLog.TestKit;

namespace OrleansLog.Grains.Tests.Broker;

/// <summary>A topic's settings are its owner's to choose, up to their limits: none of them may hurt another topic, or the process.</summary>
public sealed class SettingLimitTests
{
    private const int UnexpectedError = 2000;
    private const int PartitionFailed = 2045;

    private static readonly TopicPartition Witness = new("witness", 0);

    private static readonly ConfigDefinition[] Numbers =
        [.. TopicConfigs.All.Values.Where(key => key.Type is ConfigType.Int or ConfigType.Long).OrderBy(key => key.Name, StringComparer.Ordinal)];

    private static readonly string[] Policies = ["os", "interval", "ack"];

    [Fact]
    public async Task Every_setting_alone_at_each_of_its_limits_leaves_the_broker_as_it_was()
    {
        var run = await Run.StartAsync();
        foreach (var key in Numbers)
        {
            foreach (var value in Limits(key))
                await run.UseTopicAsync(new() { [key.Name] = value, ["orleanslog.flush.policy"] = "interval" });
        }

        await run.EndAsync();
    }

    [Fact]
    public Task Any_settings_at_their_limits_leave_the_broker_as_it_was() =>
        Gen.Select(Gen.Int[0, int.MaxValue], Gen.Int[0, Policies.Length - 1]).Array[1, 6].SampleAsync(
            async draws =>
            {
                var run = await Run.StartAsync();
                foreach (var (seed, policy) in draws)
                    await run.UseTopicAsync(Draw(new Random(seed), Policies[policy]));

                await run.EndAsync();
            },
            iter: 20);

    /// <summary>A setting for about every third key.</summary>
    private static Dictionary<string, string> Draw(Random random, string policy)
    {
        var settings = new Dictionary<string, string> { ["orleanslog.flush.policy"] = policy };
        foreach (var key in Numbers)
        {
            var limits = Limits(key);
            if (random.Next(3) == 0)
                settings[key.Name] = limits[random.Next(limits.Length)];
        }

        return settings;
    }

    private static string[] Limits(ConfigDefinition key)
    {
        var max = key.Maximum is { } highest ? (long)highest : key.Type == ConfigType.Int ? int.MaxValue : long.MaxValue;
        var min = key.Minimum is { } lowest ? (long)lowest : key.Type == ConfigType.Int ? int.MinValue : long.MinValue;
        var longerThanATimer = (long)TimeSpan.FromDays(60).TotalMilliseconds;
        return
        [
            .. new[] { min, min + 1, longerThanATimer, max / 2, max - 9, max - 1, max }
                .Where(value => value >= min && value <= max).Distinct().Select(value => value.ToString(CultureInfo.InvariantCulture)),
        ];
    }

    /// <summary>A broker with a topic of usual settings, and others that come and go beside it.</summary>
    private sealed class Run(TestBroker broker, FakeTimeProvider time, BrokerLogRecord lines)
    {
        private int _topics;

        public static async Task<Run> StartAsync()
        {
            var time = TestBroker.Clock();
            var lines = new BrokerLogRecord();
            var settings = new Dictionary<string, string> { ["log.retention.check.interval.ms"] = "1000", ["log.initial.task.delay.ms"] = "0" };
            var broker = await TestBroker.StartAsync(new MemoryDisk(), time, settings, logger: lines);
            await broker.CreateTopicAsync("witness");
            return new Run(broker, time, lines);
        }

        /// <summary>Writes to a topic of such settings, lets time pass over it, and deletes it.</summary>
        public async Task UseTopicAsync(Dictionary<string, string> settings)
        {
            if (TopicConfig.Validate(broker.Host.Config, settings).Count > 0)
                return; // as the controller would

            var name = $"topic-{_topics++}";
            await broker.CreateTopicAsync(name, 1, [.. settings.Select(setting => (setting.Key, setting.Value))]);
            for (var i = 0; i < 3; i++)
            {
                var result = await broker.Local.ProduceAsync(new(name, 0), Batches.OfSize(100 + i));
                Assert.True(result.Error is ErrorCode.None or ErrorCode.MessageTooLarge or ErrorCode.InvalidTimestamp, $"{result.Error}: {result.Message}; {string.Join(", ", settings)}");
            }

            await broker.Host.BackgroundIdleAfter(() => time.Advance(TimeSpan.FromSeconds(1.5)));
            await broker.Local.StoredAsync(Witness, "still here");
            await broker.DeleteTopicAsync(name);
            Assert.True(Complaints.Length == 0, $"{string.Join("; ", Complaints)}: {string.Join(", ", settings)}");
        }

        public async Task EndAsync()
        {
            var stored = await broker.Local.ReadAllAsync(Witness);
            Assert.All(stored, value => Assert.Equal("still here", value));
            await broker.DisposeAsync();
            Assert.Empty(Complaints);
        }

        private string[] Complaints => [.. lines.Of(UnexpectedError), .. lines.Of(PartitionFailed)];
    }
}
