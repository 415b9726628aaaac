using OrleansLog.Core.Controller;

namespace OrleansLog.Simulation;

/// <summary>A cluster on one thread and a virtual clock. The seed decides everything; the rules are looked at after every step.</summary>
internal sealed partial class World
{
    private const int SequenceBits = 24;

    private readonly PriorityQueue<SimTask, long> _tasks = new();
    private long _sequence;

    public World(Scenario scenario, TextWriter? trace = null, ShellMutation broken = ShellMutation.None)
    {
        Broken = broken;
        Scenario = scenario;
        Trace = new Trace(trace);
        Dice = new Dice(scenario.Seed);
        Network = new SimNetwork(this, scenario.Brokers + 1);
        Database = new SimDatabase(this);
        Settings = new ControllerSettings { Config = scenario.Config, NewId = NewId };
        Brokers = [.. Enumerable.Range(1, scenario.Brokers).Select(id => new SimBroker(this, id))];
        foreach (var topic in scenario.Topics)
        {
            for (var i = 0; i < topic.Partitions; i++)
                Partitions.Add(new PartitionHistory(this, Partitions.Count, topic, i));
        }

        Metadata = new MetadataRules(this);
        Clients = new SimClients(this);
    }

    public Scenario Scenario { get; }

    /// <summary>What this world's shells do wrong.</summary>
    public ShellMutation Broken { get; }

    public Trace Trace { get; }

    public Dice Dice { get; }

    public SimNetwork Network { get; }

    public SimDatabase Database { get; }

    public ControllerSettings Settings { get; }

    public SimBroker[] Brokers { get; }

    /// <summary>Controllers that have not stepped down, oldest first.</summary>
    public List<SimController> Controllers { get; } = [];

    /// <summary>Every partition, with all that is known of it.</summary>
    public List<PartitionHistory> Partitions { get; } = [];

    public MetadataRules Metadata { get; }

    public SimClients Clients { get; }

    public Sightings Sightings { get; } = new();

    public long NowMs { get; private set; } = 1_000;

    /// <summary>Steps so far: deliveries, ticks, syncs.</summary>
    public long Steps { get; private set; }

    private int _ids;

    public Guid NewId() => new(++_ids, 0x51, 0x4D, 0, 0, 0, 0, 0, 0, 0, 1);

    public SimBroker Broker(int id) => Brokers[id - 1];

    /// <summary>Plans something in the process that runs on a node now; null for what no process does.</summary>
    public void At(long timeMs, SimNode? node, Step step, Action run) => At(timeMs, node?.Process ?? default, step, run);

    public void At(long timeMs, SimProcess process, Step step, Action run) => Enqueue(timeMs, new SimTask(step, process, run));

    /// <summary>Lets time pass, and everything happen that falls into it.</summary>
    public void Advance(long ms)
    {
        var until = NowMs + ms;
        while (_tasks.TryPeek(out _, out var due) && due >> SequenceBits <= until)
        {
            var task = _tasks.Dequeue();
            NowMs = Math.Max(NowMs, due >> SequenceBits);
            Run(task);
        }

        NowMs = until;
    }

    /// <summary>A process goes on where it slept.</summary>
    public void Resume(SimNode node)
    {
        if (!node.IsPaused)
            return;

        node.Resume();
        while (node.Held.TryDequeue(out var task))
            Enqueue(NowMs, task);
    }

    private void Enqueue(long timeMs, in SimTask task) => _tasks.Enqueue(task, (timeMs << SequenceBits) | (++_sequence & ((1 << SequenceBits) - 1)));

    private void Run(in SimTask task)
    {
        var node = task.Process.Node;
        if (task.Process.IsGone)
            return;

        if (node is { IsPaused: true })
        {
            node.Held.Enqueue(task);
            return;
        }

        Steps++;
        Trace.Note(task.Step, NowMs, node?.Id ?? -1);
        task.Run();
    }
}
