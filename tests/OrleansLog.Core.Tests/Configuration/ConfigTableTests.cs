using OrleansLog.Core.Configuration;

namespace OrleansLog.Core.Tests.Configuration;

public class ConfigTableTests
{
    public static TheoryData<string> BrokerKeys => [.. BrokerConfigs.All.Keys];

    public static TheoryData<string> TopicKeys => [.. TopicConfigs.All.Keys];

    [Theory]
    [MemberData(nameof(BrokerKeys))]
    public void A_broker_key_accepts_its_own_default(string name) => AcceptsItsDefault(BrokerConfigs.Find(name)!);

    [Theory]
    [MemberData(nameof(TopicKeys))]
    public void A_topic_key_accepts_its_own_default(string name) => AcceptsItsDefault(TopicConfigs.Find(name)!);

    [Theory]
    [MemberData(nameof(TopicKeys))]
    public void A_topic_key_has_the_default_that_its_broker_keys_give_it(string name)
    {
        var topic = TopicConfigs.Find(name)!;
        var inherited = topic.BrokerSynonyms
            .Select(s => (Key: BrokerConfigs.Find(s.Name), s.Multiplier))
            .FirstOrDefault(s => s.Key?.Default is not null);
        Assert.All(topic.BrokerSynonyms, s => Assert.NotNull(BrokerConfigs.Find(s.Name)));
        if (inherited.Key is not null && inherited.Multiplier == 1)
        {
            Assert.Equal(inherited.Key.Default, topic.Default);
            Assert.Equal(inherited.Key.Allowed, topic.Allowed);
            Assert.Equal(inherited.Key.Support, topic.Support);
        }
        else if (inherited.Key is not null)
        {
            Assert.Equal(long.Parse(topic.Default!), long.Parse(inherited.Key.Default!) * inherited.Multiplier);
        }
    }

    [Theory]
    [InlineData("log.segment.bytes", "1073741824")]
    [InlineData("log.retention.hours", "168")]
    [InlineData("log.retention.bytes", "-1")]
    [InlineData("message.max.bytes", "1048588")]
    [InlineData("num.partitions", "3")]
    [InlineData("default.replication.factor", "1")]
    [InlineData("min.insync.replicas", "1")]
    [InlineData("compression.type", "producer")]
    [InlineData("unclean.leader.election.enable", "false")]
    [InlineData("broker.session.timeout.ms", "9000")]
    [InlineData("log.index.interval.bytes", "4096")]
    public void The_defaults_are_the_documented_ones(string name, string expected) =>
        Assert.Equal(expected, BrokerConfigs.Find(name)!.Default);

    [Fact]
    public void Every_topic_key_of_the_reference_is_there()
    {
        string[] expected =
        [
            "cleanup.policy", "compression.gzip.level", "compression.lz4.level", "compression.type", "compression.zstd.level",
            "delete.retention.ms", "file.delete.delay.ms", "flush.messages", "flush.ms", "follower.replication.throttled.replicas",
            "index.interval.bytes", "leader.replication.throttled.replicas", "local.retention.bytes", "local.retention.ms",
            "max.compaction.lag.ms", "max.message.bytes", "message.timestamp.after.max.ms", "message.timestamp.before.max.ms",
            "message.timestamp.type", "min.cleanable.dirty.ratio", "min.compaction.lag.ms", "min.insync.replicas", "preallocate",
            "remote.log.copy.disable", "remote.log.delete.on.disable", "remote.storage.enable", "retention.bytes", "retention.ms",
            "segment.bytes", "segment.index.bytes", "segment.jitter.ms", "segment.ms", "unclean.leader.election.enable",
        ];
        Assert.Equal(expected, TopicConfigs.All.Keys.Where(k => !k.StartsWith("orleanslog.", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_is_not_simply_supported_says_why() =>
        Assert.All(
            BrokerConfigs.All.Values.Concat(TopicConfigs.All.Values),
            d => Assert.Equal(d.Support == ConfigSupport.Supported, d.SupportNote.Length == 0));

    [Fact]
    public void A_key_of_a_single_listener_is_known() =>
        Assert.Equal(ConfigType.Password, BrokerConfigs.Find("listener.name.external.scram-sha-256.sasl.jaas.config")!.Type);

    private static void AcceptsItsDefault(ConfigDefinition definition)
    {
        if (definition.Default is not null)
        {
            Assert.Null(definition.Check(definition.Default));
        }
    }
}
