namespace OrleansLog.Client.Tests;

/// <summary>Members that come, go and die while records are written: everything is read.</summary>
public sealed class SharingTests(SiloFixture silo) : BrokerGroupTest(silo)
{
    [Theory]
    [InlineData(Form.Direct, GroupAssignor.CooperativeSticky)]
    [InlineData(Form.Orleans, GroupAssignor.CooperativeSticky)]
    [InlineData(Form.Kafka, GroupAssignor.CooperativeSticky)]
    [InlineData(Form.Direct, GroupAssignor.Range)]
    [InlineData(Form.Orleans, GroupAssignor.Range)]
    [InlineData(Form.Kafka, GroupAssignor.Range)]
    public async Task Everything_is_read_while_members_join_leave_and_die(Form form, GroupAssignor assignor)
    {
        var log = Silo.Client(form);
        await log.Admin.CreateTopicAsync(Topic, 6);
        using var written = new CancellationTokenSource();
        var writing = WriteUntilAsync(log, written.Token);
        await using var a = Join(log, Options(assignor));
        await Until(() => a.Assignment.Length == 6 && a.Read.Count > 10, a);
        await using var b = Join(log, Options(assignor));
        await Until(() => a.Assignment.Length == 3 && b.Assignment.Length == 3, a, b);
        var (mortal, network) = Switchable(log);
        var shortLived = Options(assignor);
        (shortLived.SessionTimeoutMs, shortLived.CloseTimeoutMs) = (1_500, 50);
        await using var c = Join(mortal, shortLived);
        await Until(() => a.Assignment.Length == 2 && b.Assignment.Length == 2 && c.Assignment.Length == 2, a, b, c);
        // Its session is short, so that it can die soon; on a busy machine it may end before, and then this member comes back first.
        await Until(async () => (await log.Admin.DescribeGroupAsync(Group)).Group is { State: "Stable", Members.Count: 3 } group
            && group.Members.SelectMany(static member => member.Partitions).Distinct().Count() == 6);
        b.Stop();
        await b.Running.WaitAsync(Patience);
        await Until(() => a.Assignment.Length == 3 && c.Assignment.Length == 3, a, c);
        network.IsDown = true;
        await Until(() => a.Assignment.Length == 6, a);
        await written.CancelAsync();
        var counts = await writing;
        var expected = counts.SelectMany((count, partition) => Enumerable.Range(0, count).Select(offset => (new TopicPartition(Topic, partition), (long)offset))).ToHashSet();
        await Until(() => expected.SetEquals(Places(a, b, c)), a);
        var alive = Places(a, b);
        Assert.Equal(alive.Length, alive.Distinct().Count());
        Assert.DoesNotContain(a.Events.Concat(b.Events), static told => told[0] == '!');
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task A_busy_eager_member_joins_once_and_not_once_for_each_heartbeat(Form form)
    {
        var log = Silo.Client(form);
        await log.Admin.CreateTopicAsync(Topic, 2);
        await WriteAsync(log, Topic, 2, 2);
        var release = new TaskCompletionSource();
        var (logOfA, networkOfA) = Switchable(log);
        var (logOfB, networkOfB) = Switchable(log);
        await using var a = Join(logOfA, Options(GroupAssignor.Range), prepare: self => self.OnRecord = _ => release.Task);
        await UntilRead(1, a);
        await using var b = Join(logOfB, Options(GroupAssignor.Range));
        await Until(async () => (await log.Admin.DescribeGroupAsync(Group)).Group.State == "PreparingRebalance");
        await SomeHeartbeats(networkOfA);
        release.SetResult();
        await Until(() => a.Assignment.Length == 1 && b.Assignment.Length == 1 && a.Read.Count + b.Read.Count >= 4, a, b);
        await SomeHeartbeats(networkOfA);
        await SomeHeartbeats(networkOfB);
        Assert.Equal((2, 2), (a.Consumer.Membership!.Generation, b.Consumer.Membership!.Generation));
        Assert.Equal(["+0,1", "-0,1"], a.Events[..2]);
        Assert.Equal(3, a.Events.Count);
        Assert.Single(b.Events);

        static async Task SomeHeartbeats(SwitchableCoordinator network)
        {
            var before = network.Heartbeats;
            await Until(() => network.Heartbeats >= before + 6);
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task A_static_member_comes_back_without_a_rebalance(Form form)
    {
        var log = Silo.Client(form);
        await log.Admin.CreateTopicAsync(Topic, 2);
        await WriteAsync(log, Topic, 2, 3);
        await using var a = Join(log, Static("a"));
        await UntilRead(6, a);
        await using var b = Join(log, Static("b"));
        await Until(() => a.Assignment.Length == 1 && b.Assignment.Length == 1, a, b);
        await Until(() => IsCaughtUpAsync(log, 2));
        var (had, generation, events) = (a.Assignment, b.Consumer.Membership!.Generation, b.Events.Count);
        await a.DisposeAsync();
        Assert.Equal(2, (await log.Admin.DescribeGroupAsync(Group)).Group.Members.Count);
        await using var again = Join(log, Static("a"));
        await Until(() => again.Assignment.Length == 1, again);
        Assert.Equal(had, again.Assignment);
        await WriteAsync(log, Topic, 2, 1);
        await Until(() => again.Read.Count >= 1 && b.Read.Count >= 1, again, b);
        Assert.Equal(2, Places(again, b).Distinct().Count());
        Assert.Equal((generation, generation), (again.Consumer.Membership!.Generation, b.Consumer.Membership!.Generation));
        Assert.Equal(events, b.Events.Count);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task A_member_that_works_too_long_is_replaced_and_comes_back(Form form)
    {
        var log = Silo.Client(form);
        await log.Admin.CreateTopicAsync(Topic, 1);
        await WriteAsync(log, Topic, 1, 2);
        var release = new TaskCompletionSource();
        var options = Options();
        options.MaxPollIntervalMs = 500;
        await using var a = Join(log, options, prepare: self => self.OnRecord = _ => release.Task);
        await UntilRead(1, a);
        await using var b = Join(log);
        await UntilRead(2, b);
        Assert.Equal(["+0"], a.Events);
        release.SetResult();
        await Until(() => a.Events.Count >= 2, a);
        Assert.Equal("!0", a.Events[1]);
        await Until(async () => (await log.Admin.DescribeGroupAsync(Group)).Group is { State: "Stable", Members.Count: 2 });
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task A_member_that_waits_to_join_leaves_when_it_is_cancelled(Form form)
    {
        var log = Silo.Client(form);
        await log.Admin.CreateTopicAsync(Topic, 2);
        await WriteAsync(log, Topic, 2, 1);
        var release = new TaskCompletionSource();
        await using var a = Join(log, Options(GroupAssignor.Range), prepare: self => self.OnRecord = _ => release.Task);
        await UntilRead(1, a);
        await using var b = Join(log, Options(GroupAssignor.Range));
        await using var c = Join(log, Options(GroupAssignor.Range));
        await Until(async () => (await log.Admin.DescribeGroupAsync(Group)).Group is { State: "PreparingRebalance", Members.Count: 3 });
        b.Stop();
        await b.Running.WaitAsync(Patience);
        await c.DisposeAsync().AsTask().WaitAsync(Patience);
        Assert.Single((await log.Admin.DescribeGroupAsync(Group)).Group.Members);
        release.SetResult();
        await Until(() => a.Read.Count >= 2 && a.Assignment.Length == 2, a);
        Assert.Equal(2, Places(a).Distinct().Count());
    }

    private GroupOptions Static(string name)
    {
        var options = Options();
        options.GroupInstanceId = name;
        return options;
    }

    // A few records at a time to each partition in turn; how many each has in the end.
    private async Task<int[]> WriteUntilAsync(ILogClient log, CancellationToken end)
    {
        var counts = new int[6];
        await using var producer = log.CreateProducer<string, string>(new ProducerOptions { LingerMs = 0 });
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!end.IsCancellationRequested)
        {
            for (var partition = 0; partition < 6; partition++)
            {
                await producer.ProduceAsync(new ProducerRecord<string, string>(Topic, "k", "v") { Partition = partition }, CancellationToken.None);
                counts[partition]++;
            }

            await pause.WaitForNextTickAsync(CancellationToken.None);
        }

        return counts;
    }
}
