namespace OrleansLog.Client;

/// <summary>A partition that a consumer reads; everything here belongs under the consumer's lock.</summary>
internal sealed class AssignedPartition(TopicPartition partition, StartAt start)
{
    public TopicPartition Partition { get; } = partition;

    /// <summary>Rises with every seek; an answer to an older question is dropped.</summary>
    public int Generation { get; private set; }

    /// <summary>Where to start, while that is not resolved to an offset.</summary>
    public StartAt? Start { get; private set; } = start.Kind == StartKind.Offset ? null : start;

    /// <summary>Null while the start is not resolved.</summary>
    public PartitionCursor? Cursor { get; private set; } =
        start.Kind == StartKind.Offset ? new PartitionCursor(partition, start.Argument) : null;

    /// <summary>Next offset to fetch.</summary>
    public long FetchOffset { get; set; } = start.Argument;

    /// <summary>Epoch of the record before <see cref="FetchOffset"/>, or null where it is not known (KIP-320).</summary>
    public int? LastFetchedEpoch { get; set; } = start.LeaderEpoch;

    public bool IsPaused { get; set; }

    /// <summary>True while a request of this generation is out for it.</summary>
    public bool IsBusy { get; set; }

    /// <summary>The fetch that is out for it, if the request is one.</summary>
    public OutstandingFetch? Fetch { get; set; }

    /// <summary>True when nothing more is to be fetched before the reader has what was.</summary>
    public bool IsDraining { get; set; }

    /// <summary>True while it stands in the queue of those that have something for the reader.</summary>
    public bool IsQueued { get; set; }

    /// <summary>What the reader gets once the buffer is empty.</summary>
    public Exception? Error { get; set; }

    public Watermarks? Watermarks { get; set; }

    /// <summary>Failures in a row.</summary>
    public int Attempt { get; set; }

    /// <summary>Not to be asked for before this timestamp.</summary>
    public long RetryAt { get; set; }

    /// <summary>Since when the cluster says that it does not exist; 0: it does.</summary>
    public long UnknownSince { get; set; }

    public long? Position => Cursor?.NextOffset;

    public bool HasSomething => Error is not null || Cursor is { IsEmpty: false };

    /// <summary>Starts anew; the old cursor is the caller's to give back.</summary>
    public PartitionCursor? Restart(StartAt start)
    {
        var old = Cursor;
        Generation++;
        IsBusy = false;
        IsDraining = false;
        Fetch?.Drop();
        Fetch = null;
        Error = null;
        Attempt = 0;
        RetryAt = 0;
        LastFetchedEpoch = start.LeaderEpoch;
        if (start.Kind == StartKind.Offset)
        {
            Resolve(start.Argument);
        }
        else
        {
            Start = start;
            Cursor = null;
        }

        return old;
    }

    public void Resolve(long offset)
    {
        Start = null;
        Cursor = new PartitionCursor(Partition, offset);
        FetchOffset = offset;
    }
}
