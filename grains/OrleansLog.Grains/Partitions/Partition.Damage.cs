using OrleansLog.Core.Partition;
using OrleansLog.Grains.Appending;
using OrleansLog.Grains.Diagnostics;
using OrleansLog.Log;

namespace OrleansLog.Grains.Partitions;

internal sealed partial class Partition
{
    private readonly HashSet<(string File, long Position)> _damageTold = [];

    /// <summary>Says it once for each place (D15), however many readers come upon it.</summary>
    public void ReportDamage(LogDamage damage)
    {
        PartitionDecisions<AppendRequest> decisions;
        bool counts;
        lock (_gate)
        {
            if (!_damageTold.Add((damage.File, damage.Position)))
                return;

            decisions = new PartitionDecisions<AppendRequest>();
            counts = NoteDamage(damage, decisions);
        }

        _broker.Metrics.DamageFound(TopicTag);
        _broker.Logger.PartitionDamaged(Name, damage.Message);
        if (!counts)
            return;

        CarryOut(decisions);
        TellReady();
    }

    /// <summary>One step of the background scrub (D15).</summary>
    public ScrubOutcome Scrub(long fromOffset, int maxBytes)
    {
        var outcome = Log.Scrub(fromOffset, maxBytes);
        _broker.Metrics.Scrubbed(TopicTag, outcome.BytesChecked);

        // A log that was closed meanwhile has lost its files for good reason.
        NoteReadError(outcome.Damage, IsOnline ? outcome.DiskError : null);
        return outcome;
    }

    private string? NoteReadError(LogDamage? damage, DiskException? diskError)
    {
        if (diskError is not null)
            Directory.OnReadError(diskError, this);

        if (damage is not null)
            ReportDamage(damage);

        return damage?.Message ?? diskError?.Message;
    }
}
