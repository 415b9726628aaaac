using OrleansLog.Grains.Partitions;

namespace OrleansLog.Grains.Replicas;

/// <summary>The place of one partition name on this broker; changes of it run one after the other.</summary>
/// <param name="name">Topic name and partition number.</param>
/// <param name="isUrgent">Somebody waits for it now: it is new, or keeps groups. It does not queue behind the logs that a start finds.</param>
internal sealed class ReplicaSlot(TopicPartition name, bool isUrgent)
{
    private readonly Lock _gate = new();
    private Task _tail = Task.CompletedTask;
    private int _queued;
    private bool _isRetired;

    /// <summary>Topic name and partition number.</summary>
    public TopicPartition Name { get; } = name;

    /// <summary>Whether it is opened beside the logs that a start finds, not behind them.</summary>
    public bool IsUrgent { get; } = isUrgent;

    /// <summary>The open partition, or null.</summary>
    public Partition? Partition { get; set; }

    /// <summary>True once it was said that its log cannot be opened, until it can; it is tried every few seconds.</summary>
    public bool IsFailureTold { get; set; }

    /// <summary>True when its log should be here and is not, or cannot be opened: requests get KAFKA_STORAGE_ERROR.</summary>
    public bool IsLost { get; set; }

    /// <summary>Completes when every change asked for so far is done.</summary>
    public Task Settled
    {
        get
        {
            lock (_gate)
                return _tail;
        }
    }

    /// <summary>Runs a change after those before it; null where the slot was retired, and another has to take its place.</summary>
    public Task? TryRunAsync(Func<ReplicaSlot, Task> change)
    {
        lock (_gate)
        {
            if (_isRetired)
                return null;

            _queued++;
            return _tail = AfterAsync(_tail, change);
        }
    }

    /// <summary>By its change that runs: the name has nothing here any more. False where another change is to follow.</summary>
    public bool TryRetire()
    {
        lock (_gate)
            return _isRetired = _queued == 1;
    }

    private async Task AfterAsync(Task before, Func<ReplicaSlot, Task> change)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        try
        {
            await change(this).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
                _queued--;
        }
    }
}
