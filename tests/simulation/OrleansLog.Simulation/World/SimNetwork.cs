namespace OrleansLog.Simulation;

/// <summary>Carries messages: late, not at all, in another order, never twice.</summary>
internal sealed class SimNetwork(World world, int nodes)
{
    private readonly long[,] _cutUntilMs = new long[nodes, nodes];

    /// <summary>False once the faults are over.</summary>
    public bool IsBad { get; set; }

    public void Cut(int from, int to, long untilMs) => _cutUntilMs[from, to] = Math.Max(_cutUntilMs[from, to], untilMs);

    public void Mend() => Array.Clear(_cutUntilMs);

    public bool IsCut(int from, int to) => _cutUntilMs[from, to] > world.NowMs;

    /// <summary>Sends; what arrives runs in that process, if it still is there.</summary>
    public void Send(SimNode from, SimProcess to, Step step, Action arrives)
    {
        if (from == to.Node)
            world.At(world.NowMs, to, step, arrives);
        else if (!IsCut(from.Id, to.Node!.Id) && !(IsBad && world.Dice.PerMille(world.Scenario.LossPerMille)))
            world.At(world.NowMs + DelayMs() + StallMs(step), to, step, arrives);
    }

    /// <summary>Now and then an ISR change waits somewhere until its leader has long asked again.</summary>
    private int StallMs(Step step) => IsBad && step == Step.AlterIsr && world.Dice.OneIn(10) ? world.Dice.Below(2_000) : 0;

    public int DelayMs()
    {
        var delay = 1 + world.Dice.Below(world.Scenario.NetworkDelayMs);
        return !IsBad ? delay : world.Dice.Below(200) switch
        {
            0 => delay + world.Dice.Below(2_000),
            < 8 => delay * 10,
            _ => delay,
        };
    }
}
