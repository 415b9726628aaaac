namespace OrleansLog.Client.Tests;

public sealed class SubscriptionTests : GroupTest
{
    private static ConsumerOptions LooksOften { get; } = new()
    {
        AutoOffsetReset = AutoOffsetReset.Earliest,
        MetadataMaxAgeMs = 200,
        UnknownTopicRetryMs = 100,
        FetchMaxWaitMs = 50,
    };

    [Fact]
    public async Task A_pattern_takes_topics_in_as_they_are_created()
    {
        Fill(1, 1, "orders-eu");
        Fill(1, 1, "payments");
        await using var member = Join(topics: Subscription.Matching("orders-.*"), options: LooksOften);
        await PassTimeUntilRead(1, member);
        Fill(2, 1, "orders-us");
        Fill(1, 1, "all-orders-us");
        await PassTimeUntilRead(3, member);
        Assert.Equal(["orders-eu", "orders-us"], member.Assignment.Select(static p => p.Topic).Distinct());
        Cluster.RemoveTopic("orders-eu");
        await PassTimeUntil(() => member.Assignment.All(static p => p.Topic == "orders-us"));
    }

    [Fact]
    public async Task A_topic_that_does_not_exist_yet_is_read_once_it_does()
    {
        await using var member = Join(topics: Subscription.To("later", "t"), options: LooksOften);
        await PassTimeUntil(() => member.Assignment.Length == 1);
        Fill(3, 1, "later");
        await PassTimeUntilRead(3, member);
    }

    [Fact]
    public async Task Partitions_that_are_added_are_dealt_out_also_of_topics_that_only_another_member_reads()
    {
        Fill(1, 1, "u");
        await using var leader = Join(topics: Subscription.To("t"), options: LooksOften);
        await PassTimeUntil(() => leader.Assignment.Length == 1);
        await using var other = Join(topics: Subscription.To("u"), options: LooksOften);
        await PassTimeUntilRead(1, other);
        Cluster.AddTopic("u", 3);
        await PassTimeUntil(() => other.Assignment.Length == 3);
        Assert.True(leader.Consumer.Membership!.IsLeader);
        Assert.Equal([T0], leader.Assignment);
    }

    [Fact]
    public void A_pattern_matches_whole_names_and_cannot_take_for_ever()
    {
        Assert.True(Subscription.Matching("a|b").Matches("b"));
        Assert.False(Subscription.Matching("a|b").Matches("ab"));
        Assert.False(Subscription.Matching("a").Matches("a\n"));
        Assert.True(Subscription.To("b", "a", "b").Matches("a"));
        Assert.Equal(["a", "b"], Subscription.To("b", "a", "b").Topics);
        Assert.ThrowsAny<ArgumentException>(static () => Subscription.Matching("(a"));
        Assert.Throws<ArgumentException>(static () => Subscription.To());
        var slow = Assert.Throws<LogException>(static () => Subscription.Matching("(a+)+b").Matches(new string('a', 40)));
        Assert.Equal(ErrorCode.InvalidRegularExpression, slow.Code);
    }

    [Fact]
    public void What_members_say_survives_the_wire_and_lies_in_it_are_noticed()
    {
        var subscription = ConsumerProtocol.Subscription(["a", "b"], [new("a", 1), new("a", 0), new("b", 2)], 7);
        Assert.Equal(["a", "b"], ConsumerProtocol.TryReadTopics(subscription));
        for (var cut = 0; cut < 10; cut++)
            Assert.Empty(ConsumerProtocol.TryReadTopics(subscription.AsMemory(0, cut)));
        var assignment = new byte[] { 0, 0, 0, 0, 0, 1, 0, 1, (byte)'t', 0, 0, 0, 2, 0, 0, 0, 5, 0, 0, 0, 6, 255, 255, 255, 255 };
        Assert.True(ConsumerProtocol.TryReadAssignment(assignment, out var partitions));
        Assert.Equal([new TopicPartition("t", 5), new TopicPartition("t", 6)], partitions);
        Assert.True(ConsumerProtocol.TryReadAssignment(default, out _));
        assignment[12] = 200;
        Assert.False(ConsumerProtocol.TryReadAssignment(assignment, out _));
        assignment[2] = 127;
        Assert.False(ConsumerProtocol.TryReadAssignment(assignment, out _));
    }
}
