using OrleansLog.Protocol.Messages;
using Edit = OrleansLog.Protocol.Messages.IncrementalAlterConfigsRequestData.AlterableConfig;

namespace OrleansLog.Kafka.Tests.Admin;

/// <summary>Configurations, the cluster and the log directories over the wire.</summary>
public sealed class ConfigAdminTests(OneBroker fixture) : IClassFixture<OneBroker>
{
    private const sbyte Topic = 2;
    private const sbyte Broker = 4;
    private const sbyte BrokerLogger = 8;

    [Fact]
    public async Task Incremental_changes_set_delete_append_and_subtract_and_leave_the_rest()
    {
        await fixture.Broker.CreateTopicAsync("edited", 1, ("retention.ms", "1000"), ("segment.bytes", "2000000"));

        Assert.Equal(ErrorCode.None, await EditAsync("edited", new Edit { Name = "cleanup.policy", ConfigOperation = 2, Value = "compact" }, new Edit { Name = "retention.ms", ConfigOperation = 1 }));
        Assert.Equal(ErrorCode.None, await EditAsync("edited", new Edit { Name = "cleanup.policy", ConfigOperation = 3, Value = "delete" }));

        var values = await ValuesAsync("edited");
        Assert.Equal(("compact", "604800000", "2000000"), (values["cleanup.policy"], values["retention.ms"], values["segment.bytes"]));
    }

    [Fact]
    public async Task A_full_change_resets_what_it_does_not_name_and_a_validated_one_changes_nothing()
    {
        await fixture.Broker.CreateTopicAsync("replaced", 1, ("retention.ms", "1000"));
        var request = new AlterConfigsRequestData
        {
            Resources = [new() { ResourceType = Topic, ResourceName = "replaced", Configs = [new() { Name = "segment.bytes", Value = "2000000" }] }],
            ValidateOnly = true,
        };

        Assert.Equal(ErrorCode.None, (await fixture.Client.SendAsync<AlterConfigsResponseData>(request, 2)).Responses[0].ErrorCode);
        Assert.Equal("1000", (await ValuesAsync("replaced"))["retention.ms"]);
        request.ValidateOnly = false;
        Assert.Equal(ErrorCode.None, (await fixture.Client.SendAsync<AlterConfigsResponseData>(request, 0)).Responses[0].ErrorCode);
        var values = await ValuesAsync("replaced");
        Assert.Equal(("604800000", "2000000"), (values["retention.ms"], values["segment.bytes"]));
    }

    [Fact]
    public async Task What_cannot_be_changed_is_refused_with_kafkas_errors()
    {
        await fixture.Broker.CreateTopicAsync("refused");

        Assert.Equal(ErrorCode.InvalidConfig, await EditAsync("refused", new Edit { Name = "no.such.config", Value = "1" }));
        Assert.Equal(ErrorCode.InvalidConfig, await EditAsync("refused", new Edit { Name = "max.message.bytes", Value = "x" }));
        Assert.Equal(ErrorCode.InvalidConfig, await EditAsync("refused", new Edit { Name = "retention.ms", ConfigOperation = 2, Value = "1" }));
        Assert.Equal(ErrorCode.InvalidRequest, await EditAsync("refused", new Edit { Name = "retention.ms", Value = null }));
        Assert.Equal(ErrorCode.InvalidRequest, await EditAsync("refused", new Edit { Name = "retention.ms", ConfigOperation = 9, Value = "1" }));
        Assert.Equal(ErrorCode.InvalidRequest, await EditAsync("refused", new Edit { Name = "retention.ms", Value = "1" }, new Edit { Name = "retention.ms", Value = "2" }));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, await EditAsync("nope", new Edit { Name = "retention.ms", Value = "1" }));
        Assert.Equal(ErrorCode.InvalidConfig, await EditAsync(Broker, "1", new Edit { Name = "listeners", Value = "PLAINTEXT://127.0.0.1:1" }));
        Assert.Equal(ErrorCode.InvalidRequest, await EditAsync(Broker, "7", new Edit { Name = "log.cleaner.threads", Value = "1" }));
        Assert.Equal(ErrorCode.InvalidRequest, await EditAsync(Broker, "7", new Edit { Name = "log.retention.ms", ConfigOperation = 1 }));
        var replaced = new AlterConfigsRequestData { Resources = [new() { ResourceType = Broker, ResourceName = "7" }] };
        Assert.Equal(ErrorCode.InvalidRequest, (await fixture.Client.SendAsync<AlterConfigsResponseData>(replaced, 2)).Responses[0].ErrorCode);
        Assert.Equal(ErrorCode.InvalidRequest, await EditAsync(BrokerLogger, "1", new Edit { Name = "root", Value = "DEBUG" }));
        Assert.Equal(ErrorCode.InvalidRequest, await EditAsync(99, "1", new Edit { Name = "root", Value = "DEBUG" }));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task Values_are_described_with_source_kind_synonyms_and_documentation(short version)
    {
        var name = $"described-{version}";
        await fixture.Broker.CreateTopicAsync(name, 1, ("retention.ms", "1000"));
        var request = new DescribeConfigsRequestData
        {
            Resources =
            [
                new() { ResourceType = Topic, ResourceName = name, ConfigurationKeys = ["retention.ms", "no.such.config"] },
                new() { ResourceType = Broker, ResourceName = "1", ConfigurationKeys = null },
                new() { ResourceType = Topic, ResourceName = "nope", ConfigurationKeys = null },
                new() { ResourceType = Topic, ResourceName = "a/b", ConfigurationKeys = null },
                new() { ResourceType = BrokerLogger, ResourceName = "1", ConfigurationKeys = null },
                new() { ResourceType = Broker, ResourceName = "7", ConfigurationKeys = null },
            ],
            IncludeSynonyms = true,
            IncludeDocumentation = true,
        };

        var answer = await fixture.Client.SendAsync<DescribeConfigsResponseData>(request, version);

        Assert.Equal(
            [ErrorCode.None, ErrorCode.None, ErrorCode.UnknownTopicOrPartition, ErrorCode.InvalidTopicException, ErrorCode.InvalidRequest, ErrorCode.InvalidRequest],
            answer.Results.Select(result => result.ErrorCode));
        var retention = Assert.Single(answer.Results[0].Configs);
        Assert.Equal(("1000", (sbyte)1, false, version >= 3 ? (sbyte)5 : (sbyte)0), (retention.Value, retention.ConfigSource, retention.ReadOnly, retention.ConfigType));
        Assert.Equal(("retention.ms", "1000", (sbyte)1), (retention.Synonyms[0].Name, retention.Synonyms[0].Value, retention.Synonyms[0].Source));
        Assert.Equal(version >= 3, !string.IsNullOrEmpty(retention.Documentation));
        Assert.Contains(answer.Results[1].Configs, config => config is { Name: "node.id", ReadOnly: true });
        Assert.All(answer.Results[1].Configs.Where(config => config.IsSensitive), config => Assert.Null(config.Value));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task The_cluster_is_described_at_the_address_of_the_listener(short version)
    {
        var answer = await fixture.Client.SendAsync<DescribeClusterResponseData>(new DescribeClusterRequestData { IncludeClusterAuthorizedOperations = true }, version);

        var broker = Assert.Single(answer.Brokers);
        Assert.Equal((1, "127.0.0.1", fixture.Broker.Endpoint.Port), (broker.BrokerId, broker.Host, broker.Port));
        Assert.Equal((ErrorCode.None, 22, 1, 8096), (answer.ErrorCode, answer.ClusterId.Length, answer.ControllerId, answer.ClusterAuthorizedOperations));
        if (version >= 1)
        {
            Assert.Equal(
                ErrorCode.MismatchedEndpointType,
                (await fixture.Client.SendAsync<DescribeClusterResponseData>(new DescribeClusterRequestData { EndpointType = 2 }, version)).ErrorCode);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task The_log_directories_are_described_whole_or_for_the_partitions_that_are_asked_for(short version)
    {
        var name = $"directories-{version}";
        await fixture.Broker.CreateTopicAsync(name, partitions: 2);

        var all = await fixture.Client.SendAsync<DescribeLogDirsResponseData>(new DescribeLogDirsRequestData { Topics = null }, version);
        var one = await fixture.Client.SendAsync<DescribeLogDirsResponseData>(new DescribeLogDirsRequestData { Topics = [new() { Topic = name, Partitions = [1, 9] }] }, version);

        Assert.Equal(2, Assert.Single(all.Results).Topics.Find(topic => topic.Name == name)!.Partitions.Count);
        Assert.Equal([1], Assert.Single(Assert.Single(one.Results).Topics).Partitions.Select(partition => partition.PartitionIndex));
        Assert.Equal(version >= 4, all.Results[0].TotalBytes > 0);
    }

    private Task<ErrorCode> EditAsync(string topic, params Edit[] edits) => EditAsync(Topic, topic, edits);

    private async Task<ErrorCode> EditAsync(sbyte type, string name, params Edit[] edits)
    {
        var request = new IncrementalAlterConfigsRequestData { Resources = [new() { ResourceType = type, ResourceName = name, Configs = [.. edits] }] };
        var result = (await fixture.Client.SendAsync<IncrementalAlterConfigsResponseData>(request, 1)).Responses[0];
        Assert.Equal(result.ErrorCode == ErrorCode.None, result.ErrorMessage is null);
        return result.ErrorCode;
    }

    private async Task<Dictionary<string, string?>> ValuesAsync(string topic)
    {
        var request = new DescribeConfigsRequestData { Resources = [new() { ResourceType = Topic, ResourceName = topic, ConfigurationKeys = null }] };
        var answer = await fixture.Client.SendAsync<DescribeConfigsResponseData>(request, 4);
        return answer.Results[0].Configs.ToDictionary(config => config.Name, config => config.Value);
    }
}
