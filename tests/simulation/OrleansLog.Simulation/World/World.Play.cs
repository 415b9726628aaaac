using OrleansLog.Core.Controller;

namespace OrleansLog.Simulation;

/// <summary>The course of a run: a cluster is made, things are done to it, they stop, and it has to be whole again.</summary>
internal sealed partial class World
{
    private const int PatienceMs = 60_000;

    /// <summary>Plays all events; throws <see cref="RuleBrokenException"/> at the first rule that is broken.</summary>
    /// <param name="events">What is done, in order.</param>
    /// <param name="before">Told of each event before it happens.</param>
    public void Play(IReadOnlyList<SimEvent> events, Action<int>? before = null) => Play(() =>
    {
        for (var i = 0; i < events.Count; i++)
        {
            before?.Invoke(i);
            var happening = events[i];
            Dice.Reset(happening.Chance ^ Scenario.Seed);
            Trace.Note(Step.Event, NowMs, happening.Number, (long)happening.Kind);
            Do(happening.Kind);
            Advance(happening.ThenMs);
        }

        before?.Invoke(events.Count);
        Dice.Reset(Scenario.Seed);
    });

    /// <summary>Plays what a test does to the cluster; throws <see cref="RuleBrokenException"/> at the first rule that is broken.</summary>
    public void Play(Action script)
    {
        MakeCluster();
        Network.IsBad = true;
        script();
        Recover();
    }

    /// <summary>Lets time pass until something is so; that it never comes breaks a rule.</summary>
    public void Until(string what, Func<bool> isSo, Action? meanwhile = null)
    {
        var deadline = NowMs + PatienceMs;
        for (var round = 1; !isSo(); round++)
        {
            if (NowMs >= deadline)
                throw new RuleBrokenException("progress", $"it never comes that {what}: {string.Join("; ", Partitions.Where(partition => !partition.IsWhole()))}");

            Advance(50);
            if (round % 80 == 0)
                meanwhile?.Invoke();
        }
    }

    private void MakeCluster()
    {
        Database.Node.Start();
        foreach (var broker in Brokers)
            broker.Start();

        At(NowMs, null, Step.ControllerStart, KeepController);
        Until("the first controller is active", () => NewestController is not null);
        Until("the brokers are registered", () => Database.Image.Brokers.Count == Brokers.Length && Database.Image.Brokers.Values.All(broker => broker.IsActive));
        NewestController!.Decide(state => state.CreateTopics(
            [.. Scenario.Topics.Select(topic => new CreateTopic { Name = topic.Name, Partitions = topic.Partitions, ReplicationFactor = topic.Factor })], false), static _ => { });
        Until("the topics are served", () => Partitions.TrueForAll(partition => partition.Leading is not null));
    }

    /// <summary>All faults end: soon every partition has a leader, all replicas are in sync and alike, and records are taken.</summary>
    private void Recover()
    {
        Network.IsBad = false;
        Network.Mend();
        Database.IsAnswering = true;
        foreach (var broker in Brokers)
        {
            Resume(broker.Node);
            broker.ForgetFaults();
        }

        Until("all replicas are in sync", IsWhole, Repair);
        Clients.ProduceToAll();
        Until("every partition takes records", Clients.HasFinalAnswers);
        Until("all replicas are alike", IsWhole, Repair);
        foreach (var partition in Partitions)
            partition.CheckAlike();
    }

    private bool IsWhole() => Partitions.TrueForAll(partition => partition.IsWhole());

    /// <summary>What an operator does where data is gone for good.</summary>
    private void Repair()
    {
        foreach (var partition in Partitions)
        {
            if (partition.Persisted is { HasLeader: false })
                AcceptLoss(partition);
        }
    }
}
