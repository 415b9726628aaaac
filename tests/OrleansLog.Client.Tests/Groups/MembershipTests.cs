using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace OrleansLog.Client.Tests;

public sealed class MembershipTests : GroupTest
{
    [Fact]
    public async Task A_member_reads_every_partition_and_leaves_with_all_of_it_committed()
    {
        Fill(partitions: 3, recordsEach: 4);
        var member = Join();
        await PassTimeUntilRead(12, member);
        Assert.Equal(["+0,1,2"], member.Events);
        Assert.Equal(1, member.Consumer.Membership!.Generation);
        member.Stop();
        await PassTimeUntil(member.Running);
        Assert.Equal(["+0,1,2", "-0,1,2"], member.Events);
        Assert.All(Enumerable.Range(0, 3), i => Assert.Equal(4, Coordinator.Committed(Group, new TopicPartition("t", i))));
        Assert.Single(Coordinator.Leaves);
        Assert.True(Coordinator[Group].Members.Count == 0);
        Assert.Null(member.Consumer.Membership);
        Assert.Empty(member.Consumer.Assignment);
        await member.DisposeAsync();
    }

    [Fact]
    public async Task The_next_member_goes_on_where_the_last_one_stopped()
    {
        Fill(partitions: 1, recordsEach: 5);
        await using (var first = Join())
            await PassTimeUntilRead(5, first);
        Cluster.Append(T0, "5", "6");
        await using var second = Join();
        await PassTimeUntilRead(2, second);
        Assert.Equal([5, 6], second.Read.Select(static record => record.Offset));
    }

    [Theory]
    [InlineData(GroupAssignor.CooperativeSticky)]
    [InlineData(GroupAssignor.Sticky)]
    [InlineData(GroupAssignor.Range)]
    [InlineData(GroupAssignor.RoundRobin)]
    public async Task Three_members_share_the_partitions_and_the_rest_takes_over_from_one_that_leaves(GroupAssignor assignor)
    {
        Fill(partitions: 6, recordsEach: 1);
        await using var a = Join(Options(assignor));
        await PassTimeUntilRead(6, a);
        await using var b = Join(Options(assignor));
        await using var c = Join(Options(assignor));
        await PassTimeUntil(() => a.Assignment.Length == 2 && b.Assignment.Length == 2 && c.Assignment.Length == 2);
        Assert.Equal(6, a.Assignment.Concat(b.Assignment).Concat(c.Assignment).Distinct().Count());
        c.Stop();
        await PassTimeUntil(c.Running);
        await PassTimeUntil(() => a.Assignment.Length == 3 && b.Assignment.Length == 3);
        for (var i = 0; i < 6; i++)
            Cluster.Append(new TopicPartition("t", i), "late");
        await PassTimeUntil(() => a.Read.Concat(b.Read).Count(static record => record.Value == "late") >= 6);
        var read = a.Read.Concat(b.Read).Concat(c.Read).Select(static record => (record.TopicPartition, record.Offset)).ToArray();
        Assert.Equal(12, read.Length);
        Assert.Equal(12, read.Distinct().Count());
    }

    [Fact]
    public async Task A_cooperative_member_keeps_reading_what_stays_its_own()
    {
        Fill(partitions: 4, recordsEach: 1);
        await using var a = Join();
        await PassTimeUntilRead(4, a);
        await using var b = Join();
        await PassTimeUntil(() => b.Assignment.Length == 2);
        Assert.Equal(2, a.Events.Count);
        Assert.Equal("+0,1,2,3", a.Events[0]);
        Assert.Equal($"-{string.Join(',', b.Assignment.Select(static p => p.Partition))}", a.Events[1]);
        Assert.Single(b.Events);
    }

    [Fact]
    public async Task An_eager_member_gives_everything_back_first()
    {
        Fill(partitions: 4, recordsEach: 1);
        await using var a = Join(Options(GroupAssignor.Range));
        await PassTimeUntilRead(4, a);
        await using var b = Join(Options(GroupAssignor.Range));
        await PassTimeUntil(() => a.Assignment.Length == 2 && b.Assignment.Length == 2);
        Assert.Equal(["+0,1,2,3", "-0,1,2,3"], a.Events[..2]);
        Assert.Equal(3, a.Events.Count);
    }

    [Fact]
    public async Task Partitions_are_not_taken_from_under_a_record_that_is_worked_on()
    {
        Fill(partitions: 2, recordsEach: 1);
        var release = new TaskCompletionSource();
        await using var a = Join(prepare: self => self.OnRecord = _ => release.Task);
        await PassTimeUntilRead(1, a);
        await using var b = Join();
        await PassTimeUntil(() => Coordinator.IsStable(Group, 2));
        await PassTime(1_500);
        Assert.Equal(["+0,1"], a.Events);
        Assert.Empty(b.Assignment);
        Assert.Equal(0, Coordinator.Committed(Group, a.Read[0].TopicPartition));
        release.SetResult();
        await PassTimeUntil(() => b.Assignment.Length == 1 && a.Assignment.Length == 1);
        await PassTimeUntilRead(2, a, b);
    }

    [Fact]
    public async Task A_member_that_works_too_long_leaves_and_comes_back_with_the_next_read()
    {
        Fill(partitions: 1, recordsEach: 2);
        var release = new TaskCompletionSource();
        await using var a = Join(prepare: self => self.OnRecord = _ => release.Task);
        await PassTimeUntilRead(1, a);
        await PassTimeUntil(() => Coordinator.Leaves.Count >= 1);
        Assert.Single(Coordinator.Leaves);
        await using var b = Join();
        await PassTimeUntilRead(2, b);
        Assert.Equal(["+0"], a.Events);
        release.SetResult();
        await PassTimeUntil(() => a.Events.Count >= 2 && Coordinator.IsStable(Group, 2));
        Assert.Equal(["+0", "!0"], a.Events);
        Assert.Equal([0, 1], b.Read.Select(static record => record.Offset));
    }

    [Fact]
    public async Task A_member_that_dies_is_replaced_after_its_session()
    {
        Fill(partitions: 1, recordsEach: 3);
        var network = new SwitchableCoordinator(Coordinator);
        var dying = LogClient.Create(Cluster, Cluster, Time, groupTransport: network);
        var options = Options();
        options.CloseTimeoutMs = 200; // Nobody hears it leave.
        var a = Join(options, client: dying);
        await PassTimeUntil(() => Coordinator.Committed(Group, T0) == 3);
        network.IsDown = true;
        await using var b = Join();
        await PassTimeUntil(() => b.Assignment.Length == 1);
        Cluster.Append(T0, "3");
        await PassTimeUntilRead(1, b);
        Assert.Equal(3, b.Read[0].Offset);
        await PassTimeUntil(a.DisposeAsync().AsTask());
    }

    [Fact]
    public async Task A_static_member_comes_back_to_its_partitions_without_a_rebalance()
    {
        Fill(partitions: 2, recordsEach: 1);
        GroupOptions Static(string name)
        {
            var options = Options();
            options.GroupInstanceId = name;
            return options;
        }

        var a = Join(Static("a"));
        await PassTimeUntilRead(2, a);
        await using var b = Join(Static("b"));
        await PassTimeUntil(() => b.Assignment.Length == 1 && a.Assignment.Length == 1);
        await PassTime(300);
        var had = a.Assignment;
        var generation = Coordinator[Group].Generation;
        await PassTimeUntil(a.DisposeAsync().AsTask());
        Assert.Empty(Coordinator.Leaves);
        await using var again = Join(Static("a"));
        await PassTimeUntil(() => again.Assignment.Length == 1);
        Assert.Equal(had, again.Assignment);
        Assert.Equal(generation, Coordinator[Group].Generation);
        Assert.Single(b.Events);
    }

    [Fact]
    public async Task A_second_consumer_of_the_same_name_fences_the_first_for_good()
    {
        var options = Options();
        options.GroupInstanceId = "a";
        await using var member = Join(options);
        await PassTimeUntil(() => member.Assignment.Length == 1);
        Coordinator.OnCall = static call => call is HeartbeatCall ? ErrorCode.FencedInstanceId : null;
        var error = await Assert.ThrowsAsync<GroupException>(() => PassTimeUntil(member.Running));
        Assert.True(error.IsFatal);
        Assert.Contains("GroupInstanceId", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_member_that_the_group_forgot_is_told_and_joins_again()
    {
        Fill(partitions: 1, recordsEach: 1);
        await using var member = Join();
        await PassTimeUntilRead(1, member);
        Coordinator.Expel(member.Consumer.Membership!.MemberId);
        await PassTimeUntil(() => member.Events.Count >= 3);
        Assert.Equal(["+0", "!0", "+0"], member.Events);
    }

    [Fact]
    public async Task A_coordinator_that_moves_or_loads_is_waited_for()
    {
        Fill(partitions: 1, recordsEach: 1);
        ErrorCode[] passing = [ErrorCode.NotCoordinator, ErrorCode.CoordinatorLoadInProgress, ErrorCode.CoordinatorNotAvailable, ErrorCode.NetworkException];
        var heard = new Dictionary<Type, int>();
        Coordinator.OnCall = call =>
        {
            var n = heard[call.GetType()] = heard.GetValueOrDefault(call.GetType()) + 1;
            return n <= passing.Length ? passing[n - 1] : null;
        };
        await using var member = Join();
        await PassTimeUntil(() => member.Read.Count >= 1 && Coordinator.Committed(Group, T0) == 1);
        Assert.Equal(["+0"], member.Events);
        Assert.Single(member.Read);
        Assert.Equal(5, heard.Values.Count(count => count > passing.Length));
    }

    [Fact]
    public async Task What_a_group_refuses_for_good_is_thrown()
    {
        Coordinator.OnCall = static call => call is JoinGroupCall ? ErrorCode.InconsistentGroupProtocol : null;
        await using var member = Join();
        var error = await Assert.ThrowsAsync<GroupException>(() => PassTimeUntil(member.Running));
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, error.Code);
        Assert.Contains("Assignors", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_member_that_cannot_join_for_long_says_so_once()
    {
        Fill(partitions: 1, recordsEach: 1);
        var isFull = true;
        Coordinator.OnCall = call => call is JoinGroupCall && isFull ? ErrorCode.CoordinatorNotAvailable : null;
        var log = new Lines();
        await using var client = LogClient.Create(Cluster, Cluster, Time, log, Coordinator);
        await using var member = Join(client: client);
        await PassTime(30_000);
        isFull = false;
        await PassTimeUntilRead(1, member);

        var line = Assert.Single(log.Said, line => line.Id == 7016);
        Assert.Contains("CoordinatorNotAvailable", line.Text, StringComparison.Ordinal);
    }

    private sealed class Lines : ILogger
    {
        private readonly ConcurrentQueue<(int Id, string Text)> _said = new();

        public IEnumerable<(int Id, string Text)> Said => _said;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _said.Enqueue((eventId.Id, formatter(state, exception)));
    }
}
