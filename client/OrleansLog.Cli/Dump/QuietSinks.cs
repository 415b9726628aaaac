using OrleansLog.Protocol.Records;

namespace OrleansLog.Cli;

/// <summary>Hears nothing: for a log that is only read to check its indexes.</summary>
internal class SilentSink : IDumpSink
{
    public virtual void Begin(DumpedFile file)
    {
    }

    public virtual void Batch(long position, in RecordBatchHeader header, bool isGood)
    {
    }

    public virtual void Record(in Record record, in RecordBatchHeader header)
    {
    }

    public virtual void OffsetEntry(long offset, long position)
    {
    }

    public virtual void TimeEntry(long timestampMs, long offset)
    {
    }

    public virtual void AbortedTransaction(long producerId, long firstOffset, long lastOffset, long lastStableOffset)
    {
    }

    public virtual void Entry(IReadOnlyList<(string Name, string Value)> fields)
    {
    }

    public virtual void Damage(string file, long position, string message)
    {
    }

    public virtual void End(in DumpSummary summary)
    {
    }
}

/// <summary>Passes on what is wrong, and nothing else.</summary>
internal class DamageSink(IDumpSink inner) : SilentSink
{
    protected IDumpSink Inner => inner;

    public override void Damage(string file, long position, string message) => inner.Damage(file, position, message);
}

/// <summary>Passes on what is wrong, and the verdict on each file.</summary>
internal sealed class CheckSink(IDumpSink inner) : DamageSink(inner)
{
    public override void End(in DumpSummary summary) => Inner.End(summary);
}
