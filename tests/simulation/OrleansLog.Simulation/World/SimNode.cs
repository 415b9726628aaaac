namespace OrleansLog.Simulation;

/// <summary>A process on a machine, or the database: what messages go to, what dies and what sleeps.</summary>
/// <param name="id">0 for the database, else <c>node.id</c>.</param>
internal sealed class SimNode(int id)
{
    public int Id { get; } = id;

    /// <summary>Counts the processes; what was meant for an earlier one is lost with its connections.</summary>
    public int Life { get; private set; }

    public bool IsUp { get; private set; }

    public bool IsPaused { get; private set; }

    /// <summary>What came while it slept, in order.</summary>
    public Queue<SimTask> Held { get; } = new();

    /// <summary>The process that runs now, as the other end of a connection.</summary>
    public SimProcess Process => new(this, Life);

    public void Start()
    {
        Life++;
        IsUp = true;
        IsPaused = false;
    }

    public void Die()
    {
        IsUp = false;
        IsPaused = false;
        Held.Clear();
    }

    public void Pause() => IsPaused = IsUp;

    public void Resume() => IsPaused = false;
}

/// <summary>A process: what is sent to it does not reach the one that takes its place.</summary>
/// <param name="Node">Where it runs; null for nowhere.</param>
/// <param name="Life">Which of the processes that ran there.</param>
internal readonly record struct SimProcess(SimNode? Node, int Life)
{
    public bool IsGone => Node is not null && (!Node.IsUp || Node.Life != Life);
}

/// <summary>Something that happens at a time, in a process.</summary>
/// <param name="Step">What.</param>
/// <param name="Process">Where.</param>
/// <param name="Run">Does it.</param>
internal readonly record struct SimTask(Step Step, SimProcess Process, Action Run);
