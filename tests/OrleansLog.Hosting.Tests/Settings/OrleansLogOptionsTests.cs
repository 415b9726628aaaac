using Microsoft.Extensions.Configuration;
using OrleansLog.TestKit;

namespace OrleansLog.Hosting.Tests.Settings;

public class OrleansLogOptionsTests
{
    [Theory]
    [InlineData("log.retention.hours", "5")]
    [InlineData("log:retention:hours", "5")]
    [InlineData("LOG_RETENTION_HOURS", "5")]
    public void A_key_may_be_written_with_dots_nested_or_as_a_variable(string path, string value) =>
        Assert.Equal("5", Check(new OrleansLogOptions().AddConfiguration(Section((path, value)))).Entry("log.retention.hours")!.Value);

    [Fact]
    public void An_array_is_a_list() =>
        Assert.Equal(
            ["/a", "/b"],
            Check(new OrleansLogOptions().AddConfiguration(Section(("log.dirs:0", "/a"), ("log.dirs:1", "/b")))).LogDirs);

    [Fact]
    public void Our_own_keys_need_no_prefix_in_a_variable() =>
        Assert.Equal(7, Check(new OrleansLogOptions().AddConfiguration(Section(("SEGMENT_CACHE_MAX", "7")))).SegmentCacheMax);

    [Fact]
    public void Variables_of_kafkas_containers_are_read_and_those_for_java_left_alone()
    {
        var options = new OrleansLogOptions().AddEnvironment([new("KAFKA_NUM_PARTITIONS", "9"), new("KAFKA_HEAP_OPTS", "-Xmx6g"), new("HOME", "/root")]);
        Assert.Equal(9, options.Check().Value.NumPartitions);
        Assert.Empty(options.Check().Notices);
    }

    [Fact]
    public void Code_goes_before_configuration_and_the_later_before_the_earlier()
    {
        var options = new OrleansLogOptions().AddConfiguration(Section(("node.id", "1"), ("num.partitions", "1"))).Set("num.partitions", "2");
        options.NodeId = 8;
        Assert.Equal((8, 2), (Check(options).NodeId, Check(options).NumPartitions));
    }

    [Fact]
    public void A_wrong_value_is_told_with_its_place()
    {
        var error = Assert.Throws<OrleansLogConfigurationException>(
            () => new OrleansLogOptions().AddConfiguration(Section(("num.partitions", "many"))).Check());
        Assert.Contains("OrleansLog:num.partitions: num.partitions=many is not valid: expected an integer", error.Message);
    }

    [Fact]
    public void All_that_is_wrong_is_told_at_once()
    {
        var error = Assert.Throws<OrleansLogConfigurationException>(
            () => new OrleansLogOptions().Set("num.partitions", "0").Set("log.roll.hours", "168)").AddPropertiesFile("/no/such/file").Check());
        Assert.Equal(["properties file", "num.partitions", "log.roll.hours"], error.Errors.Select(e => e.Name));
    }

    [Fact]
    public void A_silo_that_is_only_a_controller_needs_the_database_of_its_brokers_or_a_storage_of_the_apps_own()
    {
        var options = new OrleansLogOptions().Set("process.roles", "controller");
        var error = Assert.Single(Assert.Throws<OrleansLogConfigurationException>(options.Check).Errors);
        Assert.Equal("process.roles", error.Name);
        Assert.Contains("orleanslog.metadata.connection", error.Message);

        options.UseSqliteMetadata = false;
        Assert.False(Check(options).IsBroker);
        options.UseSqliteMetadata = true;
        Assert.False(Check(options.Set("orleanslog.metadata.connection", "Host=db")).IsBroker);
    }

    [Theory]
    [InlineData("data", "./data")]
    [InlineData("a", "a/../a/")]
    public void One_directory_under_two_names_is_refused(string one, string other)
    {
        var options = new OrleansLogOptions();
        options.DataDirectories.Add(one);
        options.DataDirectories.Add(other);
        Assert.Equal("log.dirs", Assert.Single(Assert.Throws<OrleansLogConfigurationException>(options.Check).Errors).Name);
    }

    [Fact]
    public void A_properties_file_is_read()
    {
        using var directory = new TempDirectory();
        var path = directory.Combine("server.properties");
        File.WriteAllText(path, "num.partitions=12\n");
        Assert.Equal(12, Check(new OrleansLogOptions().AddPropertiesFile(path)).NumPartitions);
    }

    private static Core.Configuration.BrokerConfig Check(OrleansLogOptions options) => options.Check().Value;

    private static IConfigurationSection Section(params (string Key, string Value)[] settings) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(s => new KeyValuePair<string, string?>("OrleansLog:" + s.Key, s.Value)))
            .Build().GetSection("OrleansLog");
}
