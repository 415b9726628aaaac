using OrleansLog.Core.Configuration;
using OrleansLog.Protocol.Compression;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Core.Tests.Configuration;

public class TopicConfigTests
{
    [Theory]
    [InlineData("log.retention.hours=2", 7_200_000)]
    [InlineData("log.retention.hours=2 log.retention.minutes=3", 180_000)]
    [InlineData("log.retention.hours=2 log.retention.minutes=3 log.retention.ms=4", 4)]
    [InlineData("log.retention.hours=-1", -1)]
    [InlineData("log.retention.hours=2147483647", 2147483647L * 3_600_000)]
    [InlineData("", 604_800_000)]
    public void Milliseconds_go_before_minutes_before_hours(string broker, long expectedMs) =>
        Assert.Equal(expectedMs, Resolve(broker).RetentionMs);

    [Fact]
    public void The_source_of_every_value_is_known()
    {
        var broker = Broker("log.segment.bytes=2048 log.roll.hours=1").WithDynamic(
            Settings("log.retention.bytes=10"), Settings("min.insync.replicas=2")).Value;
        var topic = TopicConfig.Resolve(broker, Settings("retention.ms=5"));

        Assert.Equal(("5", ConfigSource.DynamicTopicConfig), Shown(topic, "retention.ms"));
        Assert.Equal(("2", ConfigSource.DynamicBrokerConfig), Shown(topic, "min.insync.replicas"));
        Assert.Equal(("10", ConfigSource.DynamicDefaultBrokerConfig), Shown(topic, "retention.bytes"));
        Assert.Equal(("2048", ConfigSource.StaticBrokerConfig), Shown(topic, "segment.bytes"));
        Assert.Equal(("3600000", ConfigSource.StaticBrokerConfig), Shown(topic, "segment.ms"));
        Assert.Equal(("delete", ConfigSource.DefaultConfig), Shown(topic, "cleanup.policy"));
        Assert.Equal(TopicConfigs.All.Count, topic.Entries.Count());
    }

    [Fact]
    public void The_way_of_a_value_is_shown_from_the_topic_down_to_the_default() =>
        Assert.Equal(
            [("retention.ms", "5"), ("log.retention.minutes", "9"), ("log.retention.hours", "168")],
            TopicConfig.Resolve(Broker("log.retention.minutes=9"), Settings("retention.ms=5"))
                .Entry("retention.ms")!.Synonyms.Select(s => (s.Name, s.Value)));

    [Theory]
    [InlineData("", 1, FlushPolicy.Ack)]
    [InlineData("", 3, FlushPolicy.Os)]
    [InlineData("flush.ms=1000", 3, FlushPolicy.Interval)]
    [InlineData("flush.messages=1", 1, FlushPolicy.Ack)]
    [InlineData("orleanslog.flush.policy=os", 1, FlushPolicy.Os)]
    [InlineData("orleanslog.flush.policy=os flush.ms=1", 3, FlushPolicy.Os)]
    [InlineData("orleanslog.flush.policy=ack", 3, FlushPolicy.Ack)]
    [InlineData("orleanslog.flush.policy=interval", 1, FlushPolicy.Interval)]
    public void The_flush_policy_follows_the_replication_factor_unless_it_is_set(string overrides, int replicas, FlushPolicy expected) =>
        Assert.Equal(expected, TopicConfig.Resolve(BrokerConfig.Default, Settings(overrides)).FlushPolicyFor(replicas));

    [Theory]
    [InlineData(2, 1, 1)]
    [InlineData(2, 3, 2)]
    public void The_effective_min_isr_is_never_more_than_the_replicas(int configured, int replicas, int expected) =>
        Assert.Equal(expected, Resolve($"min.insync.replicas={configured}").EffectiveMinInsyncReplicas(replicas));

    [Fact]
    public void The_typed_values_are_those_that_are_shown()
    {
        var topic = TopicConfig.Resolve(BrokerConfig.Default, Settings(
            "cleanup.policy=compact,delete compression.type=zstd compression.zstd.level=7 message.timestamp.type=LogAppendTime segment.bytes=16k max.message.bytes=99"));
        Assert.True(topic.IsCompacted && topic.IsDeleted);
        Assert.Equal((CompressionCodec.Zstd, 7), (topic.ForcedCompression, topic.CompressionLevel));
        Assert.Equal(TimestampType.LogAppendTime, topic.MessageTimestampType);
        Assert.Equal(99, topic.MaxMessageBytes);
        Assert.Equal(16_384, topic.ToLogSettings().SegmentBytes);
        Assert.True(topic.ToLogSettings().IsCompacted);
    }

    [Fact]
    public void A_setting_that_cannot_be_used_leaves_the_brokers_in_force()
    {
        var topic = TopicConfig.Resolve(Broker("log.retention.ms=7"), Settings("retention.ms=soon from.the.future=1"));
        Assert.Equal(7, topic.RetentionMs);
        Assert.Equal(["retention.ms", "from.the.future"], topic.Problems.Select(p => p.Name));
    }

    [Theory]
    [InlineData("retention.ms=soon", "retention.ms")]
    [InlineData("retention.mss=1", "did you mean retention.ms?")]
    [InlineData("min.compaction.lag.ms=5 max.compaction.lag.ms=4", "min.compaction.lag.ms")]
    [InlineData("retention.ms=5 local.retention.ms=6", "local.retention.ms")]
    [InlineData("cleanup.policy=", "cleanup.policy")]
    [InlineData("log.retention.hours=1", "log.retention.hours")]
    public void Settings_that_cannot_be_are_refused(string overrides, string named) =>
        Assert.Contains(named, Assert.Single(TopicConfig.Validate(BrokerConfig.Default, Settings(overrides))).Message);

    [Fact]
    public void Good_settings_pass() =>
        Assert.Empty(TopicConfig.Validate(BrokerConfig.Default, Settings("retention.ms=-1 retention.bytes=1 orleanslog.flush.policy=ack")));

    private static TopicConfig Resolve(string broker) => TopicConfig.Resolve(Broker(broker), new Dictionary<string, string>());

    private static BrokerConfig Broker(string settings) => BrokerConfig.Parse(Settings(settings)).Value;

    private static (string?, ConfigSource) Shown(TopicConfig topic, string name)
    {
        var entry = topic.Entry(name)!;
        return (entry.Value, entry.Source);
    }

    private static Dictionary<string, string> Settings(string text) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(s => s.Split('=', 2)).ToDictionary(s => s[0], s => s[1]);
}
