namespace OrleansLog.Simulation;

/// <summary>What is written down of a run: every step goes into a hash, and into a text where somebody wants to read it.</summary>
internal sealed class Trace(TextWriter? text = null)
{
    /// <summary>Differs for runs that differ in any step.</summary>
    public ulong Hash { get; private set; } = 14695981039346656037;

    public bool IsWritten => text is not null;

    public void Note(Step step, long nowMs, int who, long a = 0, long b = 0, long c = 0)
    {
        Mix(((ulong)step << 56) ^ ((ulong)nowMs << 8) ^ (uint)who);
        Mix((ulong)a ^ (ulong)(b << 20) ^ (ulong)(c << 40));
        text?.WriteLine($"{nowMs,7} {step} {who} {a} {b} {c}");
    }

    /// <summary>A remark for the reader; only the hash of what happens counts.</summary>
    public void Say(long nowMs, string remark) => text?.WriteLine($"{nowMs,7} {remark}");

    private void Mix(ulong value)
    {
        Hash = (Hash ^ value) * 1099511628211;
        Hash ^= Hash >> 29;
    }
}

/// <summary>The kinds of steps of a run.</summary>
internal enum Step : byte
{
    Event,
    Tick,
    Start,
    Register,
    Registered,
    Poll,
    Polled,
    AlterIsr,
    IsrAltered,
    Fetch,
    Fetched,
    Copied,
    Synced,
    Produce,
    Consume,
    Suspect,
    ControllerStart,
    ControllerTick,
    ReadLog,
    AppendLog,
    LogAnswered,
    CheckHead,
    Admin,
    Appended,
    Acknowledged,
    Refused,
    Committed,
    Led,
    Followed,
    Cut,
    Persisted,
    Opened,
    Stopped,
}
