using OrleansLog.Core.Configuration;

namespace OrleansLog.Core.Tests.Configuration;

public class BrokerConfigTests
{
    /// <summary>The configuration section of the reference guide, as it prints it.</summary>
    private const string Guide = """
        # -- Identity --
        broker.id=1 # Unique integer per broker in the cluster
        node.id=1 # KRaft mode uses this (same as broker.id)
        # -- Storage --
        log.dirs=/var/kafka/logs,/data/kafka # Multiple dirs = JBOD (striped across disks)
        log.segment.bytes=1073741824 # Roll to a new segment at 1 GB
        log.roll.hours=168 # Or roll after 7 days even if < 1 GB
        log.retention.hours=168 # Delete segments older than 7 days
        log.retention.bytes=-1 # -1 = unlimited size-based retention
        log.cleanup.policy=delete # or compact, or delete,compact
        default.replication.factor=3 # New topics get RF=3 by default
        min.insync.replicas=2 # Require 2 ISR acks for acks=all
        replica.lag.time.max.ms=30000 # Remove replica from ISR after 30s lag
        unclean.leader.election.enable=false # Never elect an out-of-sync replica as leader
        num.network.threads=8 # Threads handling network I/O
        background.threads=16 # Threads executing disk I/O requests
        num.replica.fetchers=4 # Threads fetching from leader (follower side)
        socket.send.buffer.bytes=102400 # OS TCP send buffer
        socket.receive.buffer.bytes=102400 # OS TCP receive buffer
        socket.request.max.bytes=104857600 # Max request size (100 MB)
        message.max.bytes=1048576 # Max single message size (1 MB default)
        num.partitions=3 # Default partitions for auto-created topics
        auto.create.topics.enable=false # Disable in production
        compression.type=producer # Accept whatever compression the producer chose
        process.roles=broker,controller
        controller.quorum.voters=1@broker1:9093,2@broker2:9093,3@broker3:9093
        listeners=PLAINTEXT://:9092,CONTROLLER://:9093
        listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
        """;

    [Fact]
    public void The_guides_configuration_is_accepted_and_what_is_not_supported_yet_is_named()
    {
        var file = ServerProperties.Parse(Guide);
        Assert.Empty(file.Errors);
        var config = BrokerConfig.Parse(file.Settings);

        Assert.True(config.IsValid, string.Join('\n', config.Errors));
        Assert.Equal(["/var/kafka/logs", "/data/kafka"], config.Value.LogDirs);
        Assert.Equal(3, config.Value.DefaultReplicationFactor);
        Assert.False(config.Value.AutoCreateTopicsEnable);
        Assert.Equal(("PLAINTEXT", "", 9092), config.Value.Listeners.Select(one => (one.Name, one.Host, one.Port)).Single());
        Assert.Equal(
            ["controller.quorum.voters"],
            Names(config, ConfigNoticeKind.NotYetSupported));
        Assert.Equal(["background.threads"], Names(config, ConfigNoticeKind.NoEffect));
        Assert.Empty(Names(config, ConfigNoticeKind.UnknownKey));
    }

    [Fact]
    public void Nothing_set_means_every_default()
    {
        var config = BrokerConfig.Parse(new Dictionary<string, string>()).Value;
        Assert.Equal(1, config.NodeId);
        Assert.Equal(["./data"], config.LogDirs);
        Assert.Equal("./data", config.MetadataLogDir);
        Assert.All(config.Entries, e => Assert.Equal(ConfigSource.DefaultConfig, e.Source));
        Assert.Equal(BrokerConfigs.All.Count, config.Entries.Count());
    }

    [Fact]
    public void An_unknown_key_is_named_with_what_may_have_been_meant()
    {
        var config = BrokerConfig.Parse(new Dictionary<string, string> { ["log.segmet.bytes"] = "1", ["retention.ms"] = "1", ["no.such"] = "1" });
        Assert.True(config.IsValid);
        Assert.Equal(
            ["log.segmet.bytes is not a known key; did you mean log.segment.bytes?",
             "retention.ms is a key of topics; a broker sets their default with log.retention.ms",
             "no.such is not a known key"],
            config.Notices.Select(n => n.Message));
    }

    [Fact]
    public void A_later_setting_replaces_an_earlier_one()
    {
        var config = BrokerConfig.Parse([new("num.partitions", "4", "file"), new("num.partitions", "6", "command line")]);
        Assert.Equal(6, config.Value.NumPartitions);
    }

    [Fact]
    public void A_bad_value_that_a_later_one_replaces_does_no_harm() =>
        Assert.True(BrokerConfig.Parse([new("num.partitions", "many"), new("num.partitions", "6")]).IsValid);

    [Theory]
    [InlineData("", true, true, false)]
    [InlineData("broker,controller", true, true, false)]
    [InlineData("controller", false, true, false)]
    [InlineData("broker", true, false, true)]
    public void Roles_say_what_the_silo_may_be(string roles, bool isBroker, bool mayHostController, bool isSuspect)
    {
        var config = BrokerConfig.Parse(new Dictionary<string, string> { ["process.roles"] = roles });

        Assert.True(config.IsValid);
        Assert.Equal((isBroker, mayHostController), (config.Value.IsBroker, config.Value.MayHostController));
        Assert.Equal(isSuspect, config.Notices.Any(notice => notice is { Kind: ConfigNoticeKind.Suspicious, Name: "process.roles" }));
    }

    [Fact]
    public void A_silo_that_is_only_a_controller_is_told_once_which_keys_have_no_effect_on_it()
    {
        var settings = new Dictionary<string, string>
        {
            ["process.roles"] = "controller",
            ["orleanslog.metadata.connection"] = "Host=db",
            ["log.dirs"] = "/var/kafka",
            ["listeners"] = "PLAINTEXT://:9092,CONTROLLER://:9093",
            ["broker.rack"] = "a",
        };

        var told = Assert.Single(BrokerConfig.Parse(settings).Notices);

        Assert.Equal((ConfigNoticeKind.NoEffect, "process.roles"), (told.Kind, told.Name));
        Assert.EndsWith(": log.dirs, listeners, broker.rack", told.Message);
    }

    [Fact]
    public void The_listener_of_a_controller_is_nothing_to_wonder_at()
    {
        var settings = new Dictionary<string, string> { ["process.roles"] = "controller", ["listeners"] = "CONTROLLER://:9093", ["controller.listener.names"] = "CONTROLLER" };

        Assert.DoesNotContain(BrokerConfig.Parse(settings).Notices, notice => notice.Message.Contains("no effect", StringComparison.Ordinal) && notice.Name == "process.roles");
    }

    [Fact]
    public void A_broker_without_the_controller_is_nothing_to_wonder_at_in_a_cluster()
    {
        var config = BrokerConfig.Parse(new Dictionary<string, string> { ["process.roles"] = "broker", ["orleanslog.metadata.connection"] = "Host=db" });

        Assert.False(config.Value.MayHostController);
        Assert.DoesNotContain(config.Notices, notice => notice.Name == "process.roles");
    }

    [Theory]
    [InlineData("1", "1", true)]
    [InlineData("1", "2", false)]
    public void Node_id_and_broker_id_must_agree(string node, string broker, bool isValid) =>
        Assert.Equal(isValid, BrokerConfig.Parse(new Dictionary<string, string> { ["node.id"] = node, ["broker.id"] = broker }).IsValid);

    [Fact]
    public void Broker_id_alone_is_the_node_id() =>
        Assert.Equal(7, BrokerConfig.Parse(new Dictionary<string, string> { ["broker.id"] = "7" }).Value.NodeId);

    [Fact]
    public void A_directory_given_twice_is_refused() =>
        Assert.Equal("log.dirs", Assert.Single(BrokerConfig.Parse(new Dictionary<string, string> { ["log.dirs"] = "/a,/b,/a/" }).Errors).Name);

    [Fact]
    public void A_dynamic_value_goes_before_the_one_of_the_start_and_the_brokers_own_before_that_of_all()
    {
        var start = BrokerConfig.Parse(new Dictionary<string, string> { ["log.retention.ms"] = "1000" }).Value;
        var changed = start.WithDynamic(
            new Dictionary<string, string> { ["log.retention.ms"] = "2000" },
            new Dictionary<string, string> { ["log.retention.ms"] = "3000" });

        var entry = changed.Value.Entry("log.retention.ms")!;
        Assert.Equal("3000", entry.Value);
        Assert.Equal(
            [ConfigSource.DynamicBrokerConfig, ConfigSource.DynamicDefaultBrokerConfig, ConfigSource.StaticBrokerConfig],
            entry.Synonyms.Select(s => s.Source));
    }

    [Fact]
    public void A_key_of_the_start_cannot_be_changed_while_the_broker_runs()
    {
        var changed = BrokerConfig.Default.WithDynamic(new Dictionary<string, string> { ["node.id"] = "2" }, new Dictionary<string, string>());
        Assert.Contains("cannot change while the broker runs", Assert.Single(changed.Errors).Message);
    }

    private static IEnumerable<string> Names(ConfigResult<BrokerConfig> config, ConfigNoticeKind kind) =>
        config.Notices.Where(n => n.Kind == kind).Select(n => n.Name).Order(StringComparer.Ordinal);
}
