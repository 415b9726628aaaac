using CsCheck;
using OrleansLog.Core.Controller;

namespace OrleansLog.Core.Tests.Controller;

/// <summary>Whatever happens in whatever order, the rules of the metadata hold after every version.</summary>
public class ControllerPropertyTests
{
    private static readonly Gen<Action<ControllerFixture>> Events = Gen.OneOf(
        Gen.Select(Gen.Int[1, 4], Gen.Int[1, 3], Gen.Bool, Gen.Int[0, 2], Register),
        Gen.Select(Gen.Int[1, 4], Gen.Bool, Gen.Bool, Gen.Int[-1, 1], Heartbeat),
        Gen.Select(Gen.Int[0, 4], Gen.Int[1, 3], Gen.Int[1, 3], Create),
        Gen.Int[0, 4].Select(i => (Action<ControllerFixture>)(c => c.Do(state => state.DeleteTopics([$"t{i}"])))),
        Gen.Select(Gen.Int[0, 4], Gen.Int[1, 6], (i, to) => (Action<ControllerFixture>)(c => c.Do(state => state.GrowTopics([new GrowTopic($"t{i}", to)], false)))),
        Gen.Select(Gen.Int[0, 4], Gen.Bool.Select(b => b ? "true" : "false"), AllowUnclean),
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 3], (i, p) => (Action<ControllerFixture>)(c => c.Do(state => state.AcceptLoss(new AcceptLoss($"t{i}", p))))),
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 3], Gen.Int[0, 15], AskIsr),
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 3], Gen.Int[0, 15], AskIsr),
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 3], Elect),
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 3], Gen.Int[0, 15], Gen.Bool, Reassign),
        Gen.Const((Action<ControllerFixture>)(c => c.Do(state => state.BalanceLeaders(c.NowMs + 300_000)))),
        Gen.Int[1, 12_000].Select(ms => (Action<ControllerFixture>)(c => c.Pass(ms))),
        Gen.Int[1, 30_000].Select(ms => (Action<ControllerFixture>)(c => c.StandStill(ms))),
        Gen.Const((Action<ControllerFixture>)(c => c.FailOver())));

    [Fact]
    public void Invariants_hold_through_any_sequence_of_events() => Gen.Select(Gen.Bool, Events.Array[1, 60]).Sample(
        (hasTopics, events) =>
        {
            var controller = new ControllerFixture();
            if (hasTopics)
            {
                controller.WithBrokers(1, 2, 3, 4);
                Create(0, 3, 3)(controller);
                Create(1, 2, 2)(controller);
            }

            var leaders = new Dictionary<(Guid, int, int), int>();
            var before = controller.Image;
            foreach (var happen in events)
            {
                happen(controller);
                CheckImage(controller.Image, leaders);
                CheckMonotone(before, controller.Image);
                before = controller.Image;
            }

            var live = ControllerFixture.TextOf(controller.Image);
            Assert.Equal(live, ControllerFixture.TextOf(controller.Replay()));
            Assert.Equal(live, ControllerFixture.TextOf(MetadataImage.FromSnapshot(controller.Image.Version, controller.Image.ToRecords())));
        },
        iter: 400);

    private static void CheckImage(MetadataImage image, Dictionary<(Guid, int, int), int> leaders)
    {
        Assert.Equal(image.Topics.Values.Sum(topic => topic.Partitions.Length), image.PartitionCount);
        foreach (var topic in image.Topics.Values)
        {
            foreach (var partition in topic.Partitions)
            {
                Assert.Empty(partition.Isr.Concat(partition.Elr).Concat(partition.LastKnownElr).Except(partition.Replicas));
                Assert.Empty(partition.Isr.Intersect(partition.Elr));
                Assert.Equal(partition.Isr.Length, partition.Isr.Distinct().Count());
                Assert.Equal(partition.Replicas.Length, partition.Replicas.Distinct().Count());
                Assert.Equal(partition.Replicas.Length, partition.Directories.Length);
                Assert.Empty(partition.Adding.Concat(partition.Removing).Except(partition.Replicas));
                Assert.Empty(partition.Adding.Intersect(partition.Removing));
                CheckElr(image, topic, partition);
                if (!partition.HasLeader)
                {
                    continue;
                }

                var broker = image.Brokers[partition.Leader];
                Assert.True(broker.IsActive);
                Assert.True(broker.IsOnline(partition.DirectoryOf(broker.Id)!.Value));
                Assert.Contains(partition.Leader, partition.Isr);

                // S2: at most one leader per leader epoch.
                var key = (topic.Id, partition.Partition, partition.LeaderEpoch);
                Assert.Equal(partition.Leader, leaders.TryGetValue(key, out var known) ? known : leaders[key] = partition.Leader);
            }
        }
    }

    /// <summary>Nobody is eligible beside an ISR that has its minimum: it commits without them.</summary>
    private static void CheckElr(MetadataImage image, TopicImage topic, PartitionImage partition)
    {
        var minimum = Math.Min(2, partition.Replicas.Length - partition.Adding.Length);
        Assert.Equal("2", image.ConfigsOf(ConfigOwner.Topic(topic.Name))["min.insync.replicas"]);
        Assert.True(partition.Elr.IsEmpty || partition.Isr.Length < minimum);
    }

    /// <summary>
    /// Whoever leads, or is trusted to, was trusted before: a change of one event adds to the ISR only by the leader's own word, and an
    /// election of anyone else is recorded as unclean, which only the last known leader, an operator or the topic's configuration allow.
    /// </summary>
    private static void CheckSuccession(PartitionImage was, PartitionImage now)
    {
        Assert.Equal(now.Leader != was.Leader || was.Replicas.Except(now.Replicas).Any(), now.LeaderEpoch != was.LeaderEpoch);
        Assert.True(now.UncleanElections - was.UncleanElections is 0 or 1);
        if (now.HasLeader && now.UncleanElections == was.UncleanElections)
        {
            Assert.True(was.Isr.Contains(now.Leader) || was.Elr.Contains(now.Leader) || (was.HasLeader && now.Isr.Contains(was.Leader)) || was.Adding.Contains(now.Leader));
        }

        if (!now.IsReassigning && was.IsReassigning && !was.Replicas.Except(was.Adding).SequenceEqual(now.Replicas))
        {
            Assert.Empty(was.Adding.Intersect(now.Replicas).Except(now.Isr));
        }
    }

    private static void CheckMonotone(MetadataImage before, MetadataImage after)
    {
        Assert.True(after.Version >= before.Version);
        Assert.True(after.ControllerEpoch >= before.ControllerEpoch);
        foreach (var broker in after.Brokers.Values)
        {
            Assert.True(broker.Epoch >= (before.FindBroker(broker.Id)?.Epoch ?? 0));
        }

        foreach (var topic in after.Topics.Values)
        {
            foreach (var partition in topic.Partitions)
            {
                if (before.FindPartition(topic.Id, partition.Partition) is { } was)
                {
                    Assert.True(partition.LeaderEpoch >= was.LeaderEpoch);
                    Assert.True(partition.PartitionEpoch >= was.PartitionEpoch);
                    if (after.Version == before.Version + 1)
                    {
                        CheckSuccession(was, partition);
                    }

                    Assert.True(PartitionElection.Difference(topic.Id, was, partition) is null || partition.PartitionEpoch > was.PartitionEpoch);
                }
            }
        }
    }

    private static Action<ControllerFixture> Register(int id, int process, bool unclean, int directory) =>
        controller => controller.Register(id, process, unclean, directory == 2 ? [0, 1] : [directory]);

    private static Action<ControllerFixture> Heartbeat(int id, bool wantsShutdown, bool wantsFence, int offline) => controller =>
    {
        if (controller.Image.Brokers.ContainsKey(id))
        {
            controller.Heartbeat(id, wantsShutdown && wantsFence, wantsFence, offline < 0 ? [] : [offline]);
        }
    };

    private static Action<ControllerFixture> AskIsr(int name, int partition, int members) => controller =>
    {
        if (controller.Image.FindTopic($"t{name}")?.Find(partition) is { HasLeader: true } now)
        {
            int[] isr = [.. now.Replicas.Where(id => id == now.Leader || (members & (1 << (id - 1))) != 0)];
            controller.Ask(now.Leader, controller.Asked($"t{name}", isr, partition));
        }
    };

    private static Action<ControllerFixture> Elect(int name, int partition) => controller =>
        controller.Do(state => state.ElectLeaders(new ElectLeaders(partition == 3 ? ElectionKind.Unclean : ElectionKind.Preferred, [($"t{name}", partition % 3)])));

    private static Action<ControllerFixture> Reassign(int name, int partition, int members, bool reversed) => controller =>
    {
        int[] target = [.. Enumerable.Range(1, 4).Where(id => (members & (1 << (id - 1))) != 0)];
        controller.Do(state => state.AlterReassignments([new Reassign($"t{name}", partition, members == 0 ? null : reversed ? [.. target.Reverse()] : target)]));
    };

    private static Action<ControllerFixture> Create(int name, int partitions, int factor) => controller =>
        controller.Create($"t{name}", partitions, factor, ("min.insync.replicas", "2"), ("orleanslog.flush.policy", name % 2 == 0 ? "os" : "auto"));

    private static Action<ControllerFixture> AllowUnclean(int name, string value) => controller => controller.Do(state => state.AlterConfigs(
        [new AlterConfig(ConfigOwner.Topic($"t{name}"), [new EditConfig("unclean.leader.election.enable", ConfigEdit.Set, value)], false)], false));
}
