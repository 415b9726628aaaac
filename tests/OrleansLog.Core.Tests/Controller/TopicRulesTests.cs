using OrleansLog.Core.Controller;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Tests.Controller;

public class TopicRulesTests
{
    private readonly ControllerFixture _controller = new ControllerFixture().WithBrokers(1);

    [Fact]
    public void A_topic_gets_its_partitions_from_configuration_and_a_leader_for_each()
    {
        var answer = _controller.Create("orders", partitions: -1, factor: -1);

        Assert.Equal((ErrorCode.None, 3, 1), (answer.Error, answer.Partitions, answer.ReplicationFactor));
        Assert.All(_controller.Image.FindTopic(answer.Id)!.Partitions, partition =>
        {
            Assert.Equal(1, partition.Leader);
            Assert.Equal<int>([1], partition.Isr);
            Assert.Equal<Guid>([ControllerFixture.DirectoryOf(1)], partition.Directories);
        });
    }

    [Theory]
    [InlineData("", ErrorCode.InvalidTopicException)]
    [InlineData("a/b", ErrorCode.InvalidTopicException)]
    [InlineData("taken", ErrorCode.TopicAlreadyExists)]
    [InlineData("da_shed", ErrorCode.InvalidTopicException)]
    [InlineData("da.shed", ErrorCode.TopicAlreadyExists)]
    public void A_bad_or_taken_name_is_refused(string name, ErrorCode error)
    {
        _controller.WithTopic("taken").WithTopic("da.shed");
        var version = _controller.Image.Version;

        var answer = _controller.Create(name);

        Assert.Equal(error, answer.Error);
        Assert.NotNull(answer.Message);
        Assert.Equal(version, _controller.Image.Version);
    }

    [Theory]
    [InlineData(0, 1, ErrorCode.InvalidPartitions)]
    [InlineData(-2, 1, ErrorCode.InvalidPartitions)]
    [InlineData(10_001, 1, ErrorCode.PolicyViolation)]
    [InlineData(1, 0, ErrorCode.InvalidReplicationFactor)]
    [InlineData(1, 2, ErrorCode.InvalidReplicationFactor)]
    [InlineData(1, 100_000, ErrorCode.InvalidReplicationFactor)]
    public void Impossible_numbers_are_refused(int partitions, int factor, ErrorCode error) =>
        Assert.Equal(error, _controller.Create("a", partitions, factor).Error);

    [Fact]
    public void A_replication_factor_above_the_live_brokers_says_how_many_there_are()
    {
        var answer = _controller.Create("a", factor: 3);

        Assert.Contains("needs 3 brokers, 1 can take replicas", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ten_thousand_partitions_are_one_version()
    {
        var version = _controller.Image.Version;

        Assert.Equal(ErrorCode.None, _controller.Create("wide", partitions: 10_000).Error);
        Assert.Equal(version + 1, _controller.Image.Version);
        Assert.Equal(10_000, _controller.Image.PartitionCount);
    }

    [Fact]
    public void A_bad_configuration_is_refused_and_says_what_is_allowed()
    {
        Assert.Equal(ErrorCode.InvalidConfig, _controller.Create("a", configs: ("retention.ms", "soon")).Error);
        Assert.Equal(ErrorCode.InvalidConfig, _controller.Create("a", configs: ("no.such.key", "1")).Error);
        Assert.Null(_controller.Image.FindTopic("a"));
    }

    [Fact]
    public void Validate_only_changes_nothing()
    {
        var version = _controller.Image.Version;

        var answer = _controller.Do(state => state.CreateTopics([new CreateTopic { Name = "a" }], validateOnly: true))[0];

        Assert.Equal((ErrorCode.None, 3), (answer.Error, answer.Partitions));
        Assert.Equal(version, _controller.Image.Version);
    }

    [Fact]
    public void One_bad_topic_of_a_request_does_not_hold_up_the_others()
    {
        var answers = _controller.Do(state => state.CreateTopics(
            [new CreateTopic { Name = "good" }, new CreateTopic { Name = "b/d" }, new CreateTopic { Name = "twice" }, new CreateTopic { Name = "twice" }],
            validateOnly: false));

        Assert.Equal(
            [ErrorCode.None, ErrorCode.InvalidTopicException, ErrorCode.InvalidRequest, ErrorCode.InvalidRequest],
            answers.Select(answer => answer.Error));
        Assert.Equal(["good"], _controller.Image.TopicIds.Keys);
    }

    [Fact]
    public void An_answer_rests_on_what_is_not_persisted_yet_and_waits_for_it()
    {
        var first = _controller.State.CreateTopics([new CreateTopic { Name = "a" }], validateOnly: false);
        var second = _controller.State.CreateTopics([new CreateTopic { Name = "a" }], validateOnly: false);

        Assert.Equal(ErrorCode.TopicAlreadyExists, second.Answer[0].Error);
        Assert.Equal(first.PersistedAt, second.PersistedAt);
        Assert.Null(_controller.Image.FindTopic("a"));
        Assert.Equal(_controller.Image.Version + 1, first.PersistedAt);
    }

    [Fact]
    public void Decisions_gather_in_the_next_version_while_an_append_runs()
    {
        _controller.State.CreateTopics([new CreateTopic { Name = "a" }], validateOnly: false);
        Assert.True(_controller.State.TrySeal(out var first));
        var during = _controller.State.CreateTopics([new CreateTopic { Name = "b" }], validateOnly: false);
        _controller.State.CreateTopics([new CreateTopic { Name = "c" }], validateOnly: false);

        Assert.False(_controller.State.TrySeal(out _));
        Assert.Equal(first.Version + 1, during.PersistedAt);
        Assert.NotNull(_controller.State.Persisted(first.Version).FindTopic("a"));
        Assert.Null(_controller.Image.FindTopic("b"));
        Assert.True(_controller.State.TrySeal(out var second));
        Assert.Equal(2, second.Records.OfType<TopicRecord>().Count());
    }

    [Fact]
    public void A_deleted_topic_takes_its_configuration_along_and_its_name_is_free()
    {
        var first = _controller.Create("a", configs: ("retention.ms", "1000")).Id;

        Assert.Equal(ErrorCode.None, _controller.Do(state => state.DeleteTopics(["a"]))[0].Error);
        Assert.Empty(_controller.Image.ConfigsOf(ConfigOwner.Topic("a")));
        Assert.Equal(0, _controller.Image.PartitionCount);
        Assert.NotEqual(first, _controller.Create("a").Id);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, _controller.Do(state => state.DeleteTopics(["b"]))[0].Error);
    }

    [Fact]
    public void Nothing_is_deleted_where_deletion_is_disabled()
    {
        var controller = new ControllerFixture(("delete.topic.enable", "false")).WithBrokers(1).WithTopic("a");

        Assert.Equal(ErrorCode.TopicDeletionDisabled, controller.Do(state => state.DeleteTopics(["a"]))[0].Error);
        Assert.NotNull(controller.Image.FindTopic("a"));
    }

    [Fact]
    public void A_topic_is_deleted_by_its_id_and_one_made_anew_under_its_name_stays()
    {
        _controller.WithTopic("a");
        var first = _controller.Image.FindTopic("a")!.Id;
        Assert.Equal(ErrorCode.None, _controller.Do(state => state.DeleteTopics(["a"]))[0].Error);
        _controller.WithTopic("a");

        Assert.Equal(ErrorCode.UnknownTopicId, _controller.Do(state => state.DeleteTopics([first]))[0].Error);

        var second = _controller.Image.FindTopic("a")!.Id;
        var deleted = _controller.Do(state => state.DeleteTopics([second, second]));
        Assert.Equal([("a", ErrorCode.None), ("", ErrorCode.UnknownTopicId)], deleted.Select(answer => (answer.Name, answer.Error)));
        Assert.Null(_controller.Image.FindTopic("a"));
    }

    [Fact]
    public void Partitions_are_added_and_never_taken_away()
    {
        _controller.WithTopic("a", partitions: 2);
        TopicAnswer Grow(int to) => _controller.Do(state => state.GrowTopics([new GrowTopic("a", to)], validateOnly: false))[0];

        Assert.Equal(ErrorCode.InvalidPartitions, Grow(2).Error);
        Assert.Equal(5, Grow(5).Partitions);
        Assert.Equal([0, 1, 2, 3, 4], _controller.Image.FindTopic("a")!.Partitions.Select(partition => partition.Partition));
    }

    [Fact]
    public void Leaders_and_replicas_are_spread_evenly()
    {
        _controller.WithBrokers(2, 3, 4);
        for (var i = 0; i < 8; i++)
        {
            _controller.WithTopic($"t{i}", partitions: 3, factor: 2);
        }

        var partitions = _controller.Image.Topics.Values.SelectMany(topic => topic.Partitions).ToArray();
        Assert.All(partitions.CountBy(partition => partition.Leader), count => Assert.Equal(6, count.Value));
        Assert.All(partitions.SelectMany(partition => partition.Replicas).CountBy(id => id), count => Assert.InRange(count.Value, 11, 13));
    }

    [Fact]
    public void Partitions_are_spread_over_the_directories_of_a_broker()
    {
        _controller.Register(2, directories: [0, 1, 2]);
        _controller.Heartbeat(2);
        _controller.Do(state => state.CreateTopics(
            [new CreateTopic { Name = "a", Assignments = [[2], [2], [2], [2], [2], [2]] }], validateOnly: false));

        Assert.All(_controller.Image.FindTopic("a")!.Partitions.CountBy(partition => partition.Directories[0]), count => Assert.Equal(2, count.Value));
    }

    [Fact]
    public void Assignments_are_taken_as_given_or_refused_with_the_reason()
    {
        _controller.WithBrokers(2);
        ErrorCode Assign(params int[][] assignments) => _controller.Do(state =>
            state.CreateTopics([new CreateTopic { Name = "a", Assignments = assignments }], validateOnly: false))[0].Error;

        Assert.Equal(ErrorCode.InvalidReplicaAssignment, Assign([1, 1]));
        Assert.Equal(ErrorCode.InvalidReplicaAssignment, Assign([1, 7]));
        Assert.Equal(ErrorCode.InvalidReplicaAssignment, Assign([1], [1, 2]));
        Assert.Equal(ErrorCode.InvalidReplicaAssignment, Assign(Array.Empty<int>()));
        Assert.Equal(ErrorCode.None, Assign([2, 1], [1, 2]));
        Assert.Equal(2, _controller.Partition("a").Leader);
    }

    [Fact]
    public void A_broker_tells_where_a_replica_lies_and_only_its_own()
    {
        _controller.Register(2, directories: [0, 1]);
        _controller.Heartbeat(2);
        _controller.Do(state => state.CreateTopics([new CreateTopic { Name = "a", Assignments = [[2]] }], validateOnly: false));
        var id = new TopicIdPartition(_controller.Image.FindTopic("a")!.Id, 0);
        var epoch = _controller.Image.Brokers[2].Epoch;
        ErrorCode Assign(long brokerEpoch, Guid directory) =>
            _controller.Do(state => state.AssignDirectories(2, brokerEpoch, [new ReplicaDirectory(id, directory)]));

        Assert.Equal(ErrorCode.StaleBrokerEpoch, Assign(epoch - 1, ControllerFixture.DirectoryOf(2, 1)));
        Assert.Equal(ErrorCode.LogDirNotFound, Assign(epoch, ControllerFixture.DirectoryOf(1)));
        Assert.Equal(ErrorCode.None, Assign(epoch, ControllerFixture.DirectoryOf(2, 1)));
        Assert.Equal(ControllerFixture.DirectoryOf(2, 1), _controller.Partition("a").Directories[0]);
        Assert.Equal(2, _controller.Partition("a").Leader);
    }
}
