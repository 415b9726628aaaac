using Orleans.Runtime;
using OrleansLog.Grains.Tests.Broker;

namespace OrleansLog.Grains.Tests.Silo;

/// <summary>The grains and the direct transport of a broker in a real silo.</summary>
public sealed class DoorTests(OneSilo silo) : IClassFixture<OneSilo>
{
    [Fact]
    public async Task What_is_produced_directly_is_fetched_through_the_broker_grain_and_the_other_way_round()
    {
        await silo.CreateTopicAsync("both-ways");
        var partition = new TopicPartition("both-ways", 0);
        var grain = silo.Grains.GetGrain<IBrokerGrain>(OneSilo.BrokerId);

        var direct = await silo.Transport.ProduceAsync(new ProduceRequest { Partition = partition, Batch = Batches.Of("direct"), CurrentLeaderEpoch = -1 }, default);
        var remote = await grain.ProduceAsync(new ProduceRequest { Partition = partition, Batch = Batches.Of("grain"), CurrentLeaderEpoch = -1 });

        Assert.Equal((0, 1), (direct.BaseOffset, remote.BaseOffset));
        using var fetchedDirectly = await silo.Transport.FetchAsync(Batches.Fetch(partition, 0), default);
        using var fetchedThroughGrain = await grain.FetchAsync(Batches.Fetch(partition, 0));
        Assert.Equal(["direct", "grain"], fetchedDirectly.Values());
        Assert.Equal(["direct", "grain"], fetchedThroughGrain.Values());
    }

    [Fact]
    public async Task A_long_poll_through_the_grain_wakes_with_the_next_batch()
    {
        await silo.CreateTopicAsync("poll");
        var partition = new TopicPartition("poll", 0);
        var fetch = silo.Grains.GetGrain<IBrokerGrain>(OneSilo.BrokerId).FetchAsync(Batches.Fetch(partition, 0, maxWaitMs: 60_000)).AsTask();

        await silo.Transport.ProduceAsync(new ProduceRequest { Partition = partition, Batch = Batches.Of("a"), CurrentLeaderEpoch = -1 }, default);

        using var result = await fetch;
        Assert.Equal(["a"], result.Values());
    }

    [Fact]
    public async Task A_wait_at_the_grain_ends_when_it_is_told_to()
    {
        await silo.CreateTopicAsync("ended");
        var grain = silo.Grains.GetGrain<IBrokerGrain>(OneSilo.BrokerId);
        var waitId = Guid.NewGuid();
        await grain.EndWaitAsync(Guid.NewGuid());
        var fetch = grain.FetchAsync(Batches.Fetch(new("ended", 0), 0, maxWaitMs: 600_000), waitId).AsTask();

        await grain.EndWaitAsync(waitId);
        using var result = await fetch.WaitAsync(TimeSpan.FromMinutes(2));
        Assert.Equal((ErrorCode.None, 0L), (result.Partitions[0].Error, result.Partitions[0].HighWatermark));
    }

    [Fact]
    public async Task Batches_that_come_through_the_grain_at_once_are_in_the_log_in_their_order()
    {
        await silo.CreateTopicAsync("ordered");
        var partition = new TopicPartition("ordered", 0);
        var grain = silo.Grains.GetGrain<IBrokerGrain>(OneSilo.BrokerId);
        string[] values = [.. Enumerable.Range(0, 300).Select(i => $"{i}")];
        var stored = await Task.WhenAll(values.Select(value =>
            grain.ProduceAsync(new ProduceRequest { Partition = partition, Batch = Batches.Of(value), CurrentLeaderEpoch = -1 }).AsTask()));
        Assert.All(stored, (result, i) => Assert.Equal((ErrorCode.None, (long)i), (result.Error, result.BaseOffset)));

        using var fetched = await silo.Transport.FetchAsync(Batches.Fetch(partition, 0), default);
        Assert.Equal(values, fetched.Values());
    }

    [Fact]
    public async Task Offsets_and_deletions_go_through_either_door()
    {
        await silo.CreateTopicAsync("offsets");
        var partition = new TopicPartition("offsets", 0);
        await silo.Transport.ProduceAsync(new ProduceRequest { Partition = partition, Batch = Batches.Of("a", "b", "c"), CurrentLeaderEpoch = -1 }, default);

        var deleted = await silo.Transport.DeleteRecordsAsync([new(partition, 2), new(new("nothing", 0), 1)], default);
        var offsets = await silo.Grains.GetGrain<IBrokerGrain>(OneSilo.BrokerId)
            .ListOffsetsAsync([new(partition, OffsetSpec.Earliest), new(partition, OffsetSpec.Latest)], IsolationLevel.ReadUncommitted);

        Assert.Equal([ErrorCode.None, ErrorCode.UnknownTopicOrPartition], deleted.Select(result => result.Error));
        Assert.Equal([2L, 3L], offsets.Select(result => result.Offset));
    }

    [Fact]
    public async Task A_replica_grain_tells_of_its_partition_and_no_silo_takes_one_of_another_broker()
    {
        await silo.CreateTopicAsync("replica");
        var topic = (await silo.Transport.GetMetadataAsync(["replica"], 0, default)).Topics[0];

        var status = await silo.Grains.GetGrain<IReplicaGrain>(new ReplicaKey(topic.TopicId, 0, OneSilo.BrokerId).ToString()).DescribeAsync();

        Assert.True(status is { IsOpen: true, IsLeader: true });
        await Assert.ThrowsAnyAsync<OrleansException>(
            () => silo.Grains.GetGrain<IReplicaGrain>(new ReplicaKey(topic.TopicId, 0, 99).ToString()).DescribeAsync());
        await Assert.ThrowsAnyAsync<OrleansException>(() => silo.Grains.GetGrain<IBrokerGrain>(99).DescribeLogDirsAsync().AsTask());
    }

    [Fact]
    public async Task The_grain_of_a_replica_goes_with_it()
    {
        await silo.CreateTopicAsync("goes");
        var topic = (await silo.Transport.GetMetadataAsync(["goes"], 0, default)).Topics[0];
        var key = silo.Grains.GetGrain<IReplicaGrain>(new ReplicaKey(topic.TopicId, 0, OneSilo.BrokerId).ToString()).GetGrainId();
        var management = silo.Grains.GetGrain<IManagementGrain>(0);
        Assert.Contains(key, await management.GetActiveGrains(key.Type));

        await silo.Admin.DeleteTopicsAsync(["goes"], default);
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while ((await management.GetActiveGrains(key.Type)).Contains(key))
            await pause.WaitForNextTickAsync();
    }

    [Fact]
    public async Task The_gateway_tells_metadata_in_the_order_asked_and_says_what_is_wrong_with_a_name()
    {
        await silo.CreateTopicAsync("named", partitions: 3);

        var metadata = await silo.Grains.GetGrain<IGatewayGrain>(0).GetMetadataAsync(["nothing", "named", "a/b"], 0);

        Assert.Equal(
            [ErrorCode.UnknownTopicOrPartition, ErrorCode.None, ErrorCode.InvalidTopicException], metadata.Topics.Select(topic => topic.Error));
        Assert.All(metadata.Topics[1].Partitions, partition => Assert.Equal((OneSilo.BrokerId, 0), (partition.LeaderId, partition.OfflineReplicas.Length)));
        Assert.Equal(OneSilo.BrokerId, Assert.Single(metadata.Brokers).Id);
        Assert.Equal(22, metadata.ClusterId.Length);
    }

    [Fact]
    public async Task A_changed_setting_is_in_force_and_shown_with_its_source_once_the_change_is_answered()
    {
        await silo.CreateTopicAsync("settings");
        var resource = new ConfigResource(ConfigResourceType.Topic, "settings");

        var altered = await silo.Admin.AlterConfigsAsync(
            [new ConfigAlteration(resource, [new ConfigChange("max.message.bytes", ConfigOperation.Set, "1000")])], validateOnly: false, default);
        var described = await silo.Admin.DescribeConfigsAsync([resource, new(ConfigResourceType.Broker, "3"), new(ConfigResourceType.Topic, "nothing")], default);

        Assert.Equal(ErrorCode.None, altered.Results[0].Error);
        var value = Assert.Single(described[0].Values, value => value.Name == "max.message.bytes");
        Assert.Equal(("1000", ConfigSource.DynamicTopicConfig), (value.Value, value.Source));
        Assert.Contains(described[1].Values, value => value is { Name: "node.id", Value: "3", Source: ConfigSource.StaticBrokerConfig });
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, described[2].Error);
        var refused = await silo.Transport.ProduceAsync(
            new ProduceRequest { Partition = new("settings", 0), Batch = Batches.OfSize(2000), CurrentLeaderEpoch = -1 }, default);
        Assert.Equal(ErrorCode.MessageTooLarge, refused.Error);
    }

    [Fact]
    public async Task What_is_set_for_all_brokers_is_shown_by_itself_and_as_a_synonym_of_every_topic()
    {
        await silo.CreateTopicAsync("inherits");
        var all = new ConfigResource(ConfigResourceType.Broker, "");

        await silo.Admin.AlterConfigsAsync(
            [new ConfigAlteration(all, [new ConfigChange("log.roll.ms", ConfigOperation.Set, "7200000")])], validateOnly: false, default);
        var described = await silo.Admin.DescribeConfigsAsync([all, new(ConfigResourceType.Topic, "inherits"), new(ConfigResourceType.Topic, "a/b")], default);

        var own = Assert.Single(described[0].Values);
        Assert.Equal(("log.roll.ms", "7200000", ConfigSource.DynamicDefaultBrokerConfig, ConfigValueType.Long), (own.Name, own.Value, own.Source, own.Type));
        var topic = Assert.Single(described[1].Values, value => value.Name == "segment.ms");
        Assert.Equal(("7200000", ConfigSource.DynamicDefaultBrokerConfig), (topic.Value, topic.Source));
        Assert.Equal(new ConfigSynonymValue("log.roll.ms", "7200000", ConfigSource.DynamicDefaultBrokerConfig), topic.Synonyms[0]);
        Assert.Equal(ErrorCode.InvalidTopicException, described[2].Error);
        await silo.Admin.AlterConfigsAsync(
            [new ConfigAlteration(all, [new ConfigChange("log.roll.ms", ConfigOperation.Delete, null)])], validateOnly: false, default);
    }

    [Fact]
    public async Task Records_of_a_topic_that_is_only_compacted_cannot_be_deleted()
    {
        await silo.Admin.CreateTopicsAsync(
            [new NewTopic { Name = "compacted", Partitions = 1, Configs = new Dictionary<string, string> { ["cleanup.policy"] = "compact" } }], validateOnly: false, default);

        var deleted = await silo.Transport.DeleteRecordsAsync([new(new("compacted", 0), 0)], default);

        Assert.Equal(ErrorCode.PolicyViolation, deleted[0].Error);
    }

    [Fact]
    public async Task A_deleted_topic_is_gone_once_the_deletion_is_answered()
    {
        await silo.CreateTopicAsync("gone");

        var deleted = await silo.Admin.DeleteTopicsAsync(["gone"], default);

        Assert.Equal(ErrorCode.None, deleted.Results[0].Error);
        var metadata = await silo.Transport.GetMetadataAsync(["gone"], deleted.Version, default);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, metadata.Topics[0].Error);
        var produced = await silo.Transport.ProduceAsync(new ProduceRequest { Partition = new("gone", 0), Batch = Batches.Of("a") }, default);
        Assert.Equal((ErrorCode.UnknownTopicOrPartition, ProduceOutcome.NotStored), (produced.Error, produced.Outcome));
    }

    [Fact]
    public async Task The_log_directories_are_described_through_either_door()
    {
        await silo.CreateTopicAsync("described", partitions: 2);

        var direct = await silo.Admin.DescribeLogDirsAsync(OneSilo.BrokerId, default);
        var throughGrain = await silo.Grains.GetGrain<IBrokerGrain>(OneSilo.BrokerId).DescribeLogDirsAsync();

        Assert.Equal(2, Assert.Single(direct).Replicas.Count(replica => replica.Partition.Topic == "described"));
        Assert.Equal(direct[0].DirectoryId, Assert.Single(throughGrain).DirectoryId);
        Assert.InRange(direct[0].UsableBytes, 1, direct[0].TotalBytes);
    }

    [Fact]
    public async Task A_fetch_that_is_cancelled_throws()
    {
        await silo.CreateTopicAsync("cancelled");
        using var cancel = new CancellationTokenSource();
        var fetch = silo.Transport.FetchAsync(Batches.Fetch(new("cancelled", 0), 0, maxWaitMs: 60_000), cancel.Token).AsTask();

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetch);
    }
}
