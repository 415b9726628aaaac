namespace OrleansLog.Log;

/// <summary>A producer in the table of its partition, and its place in the order of last use.</summary>
internal sealed class ProducerState(long producerId)
{
    /// <summary>What is in the log.</summary>
    internal ProducerEntry Entry = new();

    /// <summary>The same with what the group under way will add, where <see cref="CheckedIn"/> says so.</summary>
    internal ProducerEntry Planned = new();

    internal long ProducerId { get; } = producerId;

    /// <summary>The number of the group that <see cref="Planned"/> belongs to.</summary>
    internal long CheckedIn { get; set; } = -1;

    /// <summary>The number of the last append that changed it.</summary>
    internal long ChangedIn { get; set; } = -1;

    /// <summary>When it last wrote, by the broker's clock; the timestamp of its last batch where that was before the log was opened.</summary>
    internal long LastSeenMs { get; set; }

    internal ProducerState? Older { get; set; }

    internal ProducerState? Newer { get; set; }
}
