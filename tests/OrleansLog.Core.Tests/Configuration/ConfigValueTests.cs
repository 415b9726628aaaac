using CsCheck;
using OrleansLog.Core.Configuration;

namespace OrleansLog.Core.Tests.Configuration;

public class ConfigValueTests
{
    [Theory]
    [InlineData("log.segment.bytes", "64MiB", "67108864")]
    [InlineData("log.segment.bytes", " 1g ", "1073741824")]
    [InlineData("log.segment.bytes", "16 k", "16384")]
    [InlineData("log.retention.ms", "-1", "-1")]
    [InlineData("log.preallocate", "TRUE", "true")]
    [InlineData("log.message.timestamp.type", "logappendtime", "LogAppendTime")]
    [InlineData("log.cleanup.policy", " compact , delete,compact", "compact,delete")]
    public void A_value_is_read_into_its_canonical_form(string name, string given, string expected)
    {
        var config = BrokerConfig.Parse(new Dictionary<string, string> { [name] = given });
        Assert.Equal(expected, config.Value.Entry(name)!.Value);
    }

    [Theory]
    [InlineData("log.segment.bytes", "1023", "from 1024 to 2147483647")]
    [InlineData("log.segment.bytes", "4g", "from 1024 to 2147483647")]
    [InlineData("log.segment.bytes", "9999999999999999999", "an integer of bytes")]
    [InlineData("log.retention.hours", "168)", "an integer of hours from -1")]
    [InlineData("log.retention.hours", "", "an integer")]
    [InlineData("log.retention.hours", "1h", "an integer")]
    [InlineData("unclean.leader.election.enable", "yes", "true or false")]
    [InlineData("compression.type", "brotli", "producer, uncompressed, gzip, snappy, lz4, zstd")]
    [InlineData("log.cleanup.policy", "", "one or more of delete, compact")]
    [InlineData("log.cleanup.policy", "delete,shred", "one or more of delete, compact")]
    [InlineData("orleanslog.flush.policy", "sometimes", "auto, os, interval, ack")]
    [InlineData("node.id", "-3", "from 0")]
    public void A_wrong_value_is_refused_by_name_with_what_is_allowed(string name, string given, string allowed)
    {
        var error = Assert.Single(BrokerConfig.Parse([new ConfigSetting(name, given, "server.properties line 7")]).Errors);
        Assert.Equal(name, error.Name);
        Assert.Equal(given, error.Value);
        Assert.Contains(allowed, error.Message);
        Assert.StartsWith("server.properties line 7: " + name, error.Message);
    }

    [Fact]
    public void A_secret_is_never_shown()
    {
        var config = BrokerConfig.Parse(new Dictionary<string, string> { ["ssl.keystore.password"] = "hunter2" });
        Assert.Null(config.Value.Entry("ssl.keystore.password")!.Value);
        Assert.DoesNotContain("hunter2", string.Join('\n', config.Notices));
    }

    [Fact]
    public void No_text_makes_any_key_throw()
    {
        var definitions = BrokerConfigs.All.Values.Concat(TopicConfigs.All.Values).ToArray();
        Gen.Select(Gen.Int[0, definitions.Length - 1], Gen.OneOf(Gen.String, Gen.String[Gen.Char["0123456789-+.,eE kKmMgGiB#"], 0, 24]))
            .Sample((index, text) =>
            {
                var definition = definitions[index];
                if (definition.TryRead(text, null, out var value, out var error))
                {
                    Assert.True(definition.TryRead(value.Text, null, out var again, out _), definition.Name + "=" + value.Text);
                    Assert.Equal(value.Text, again.Text);
                }
                else
                {
                    Assert.Contains(definition.Name, error.Message);
                }
            });
    }
}
