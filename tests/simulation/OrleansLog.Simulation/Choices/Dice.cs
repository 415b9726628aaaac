namespace OrleansLog.Simulation;

/// <summary>The only source of chance: the same seed gives the same numbers in every process (SplitMix64).</summary>
internal sealed class Dice(ulong seed)
{
    private ulong _state = seed;

    /// <summary>Starts anew, so that what comes after one event does not depend on the events before it.</summary>
    public void Reset(ulong seed) => _state = seed;

    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A number from 0 up to, but not including, <paramref name="limit"/>.</summary>
    public int Below(int limit) => limit <= 1 ? 0 : (int)(Next() % (ulong)limit);

    /// <summary>A number between two, both included.</summary>
    public int Between(int least, int most) => least + Below(most - least + 1);

    public bool OneIn(int count) => Below(count) == 0;

    public bool PerMille(int chance) => chance > 0 && Below(1000) < chance;

    public T Of<T>(IReadOnlyList<T> choices) => choices[Below(choices.Count)];
}
