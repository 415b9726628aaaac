using OrleansLog.Core.Controller;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Tests.Controller;

public class ConfigRulesTests
{
    private readonly ControllerFixture _controller =
        new ControllerFixture().WithBrokers(1).WithTopic("a", configs: ("retention.ms", "1000"));

    [Fact]
    public void An_incremental_change_keeps_what_it_does_not_name()
    {
        Assert.Equal(ErrorCode.None, Alter(new EditConfig("segment.bytes", ConfigEdit.Set, "1048576")));

        Assert.Equal(["retention.ms=1000", "segment.bytes=1048576"], Values());
    }

    [Fact]
    public void A_full_change_resets_what_it_does_not_name()
    {
        Assert.Equal(ErrorCode.None, Alter(replaceAll: true, edits: new EditConfig("segment.bytes", ConfigEdit.Set, "1048576")));

        Assert.Equal(["segment.bytes=1048576"], Values());
    }

    [Fact]
    public void A_deleted_value_shows_the_default_again()
    {
        Assert.Equal(ErrorCode.None, Alter(new EditConfig("retention.ms", ConfigEdit.Delete, null)));

        Assert.Empty(Values());
    }

    [Fact]
    public void Elements_are_added_to_and_taken_from_a_list_that_only_had_its_default()
    {
        Assert.Equal(ErrorCode.None, Alter(new EditConfig("cleanup.policy", ConfigEdit.Append, "compact")));
        Assert.Contains("cleanup.policy=delete,compact", Values());

        Assert.Equal(ErrorCode.None, Alter(new EditConfig("cleanup.policy", ConfigEdit.Subtract, "delete")));
        Assert.Contains("cleanup.policy=compact", Values());

        Assert.Equal(ErrorCode.InvalidConfig, Alter(new EditConfig("retention.ms", ConfigEdit.Append, "5")));
    }

    [Fact]
    public void All_changes_of_an_owner_take_effect_or_none()
    {
        var version = _controller.Image.Version;

        Assert.Equal(
            ErrorCode.InvalidConfig,
            Alter(new EditConfig("segment.bytes", ConfigEdit.Set, "1048576"), new EditConfig("retention.ms", ConfigEdit.Set, "never")));

        Assert.Equal(version, _controller.Image.Version);
    }

    [Fact]
    public void Unknown_owners_and_repeated_keys_are_refused()
    {
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, Alter(ConfigOwner.Topic("nope"), new EditConfig("retention.ms", ConfigEdit.Set, "1")));
        foreach (var name in (string[])["one", "7", "01", "-1"])
            Assert.Equal(ErrorCode.InvalidRequest, Alter(new ConfigOwner(ConfigOwnerKind.Broker, name), new EditConfig("log.retention.ms", ConfigEdit.Set, "1")));
        Assert.Equal(
            ErrorCode.InvalidRequest,
            Alter(new EditConfig("retention.ms", ConfigEdit.Set, "1"), new EditConfig("retention.ms", ConfigEdit.Set, "2")));
    }

    [Fact]
    public void A_broker_key_that_cannot_change_while_the_broker_runs_is_refused()
    {
        Assert.Equal(ErrorCode.InvalidConfig, Alter(ConfigOwner.AllBrokers, new EditConfig("node.id", ConfigEdit.Set, "7")));
        Assert.Equal(ErrorCode.InvalidConfig, Alter(ConfigOwner.AllBrokers, new EditConfig("no.such.key", ConfigEdit.Set, "7")));
        Assert.Equal(ErrorCode.None, Alter(ConfigOwner.AllBrokers, new EditConfig("log.retention.ms", ConfigEdit.Set, "60000")));
    }

    [Theory]
    [InlineData("listeners", "PLAINTEXT://127.0.0.1:9999")]
    [InlineData("advertised.listeners", "PLAINTEXT://elsewhere:9999")]
    [InlineData("num.recovery.threads.per.data.dir", "8")]
    [InlineData("leader.replication.throttled.rate", "1000")]
    public void A_broker_key_that_would_change_nothing_now_is_refused_and_not_taken_silently(string key, string value)
    {
        Assert.Equal(ErrorCode.InvalidConfig, Alter(new ConfigOwner(ConfigOwnerKind.Broker, "1"), new EditConfig(key, ConfigEdit.Set, value)));
        Assert.Equal(ErrorCode.InvalidConfig, Alter(ConfigOwner.AllBrokers, new EditConfig(key, ConfigEdit.Set, value)));
    }

    [Fact]
    public void What_is_set_for_all_brokers_reaches_the_controllers_own_rules()
    {
        Assert.Equal(ErrorCode.None, Alter(ConfigOwner.AllBrokers, new EditConfig("log.cleanup.policy", ConfigEdit.Set, "compact")));
        Assert.Equal(ErrorCode.None, Alter(new EditConfig("cleanup.policy", ConfigEdit.Append, "delete")));
        Assert.Contains("cleanup.policy=compact,delete", Values());

        Assert.Equal(ErrorCode.None, Alter(ConfigOwner.AllBrokers, new EditConfig("log.cleanup.policy", ConfigEdit.Delete, null)));
        Assert.Equal(ErrorCode.None, Alter(new EditConfig("cleanup.policy", ConfigEdit.Delete, null)));
        Assert.Equal(ErrorCode.None, Alter(new EditConfig("cleanup.policy", ConfigEdit.Append, "compact")));
        Assert.Contains("cleanup.policy=delete,compact", Values());
    }

    private ErrorCode Alter(params EditConfig[] edits) => Alter(ConfigOwner.Topic("a"), edits);

    private ErrorCode Alter(bool replaceAll, params EditConfig[] edits) =>
        _controller.Do(state => state.AlterConfigs([new AlterConfig(ConfigOwner.Topic("a"), edits, replaceAll)], validateOnly: false))[0].Error;

    private ErrorCode Alter(ConfigOwner owner, params EditConfig[] edits) =>
        _controller.Do(state => state.AlterConfigs([new AlterConfig(owner, edits, ReplaceAll: false)], validateOnly: false))[0].Error;

    private IEnumerable<string> Values() => _controller.Image.ConfigsOf(ConfigOwner.Topic("a")).Select(pair => $"{pair.Key}={pair.Value}");
}
