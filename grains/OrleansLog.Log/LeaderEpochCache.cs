using System.Globalization;

namespace OrleansLog.Log;

/// <summary>A leader epoch and the first offset written in it.</summary>
/// <param name="Epoch">The leader epoch.</param>
/// <param name="StartOffset">The first offset written in it.</param>
public readonly record struct LeaderEpochEntry(int Epoch, long StartOffset);

/// <summary>
/// The partition's history of leader epochs, kept in <c>leader-epoch-checkpoint</c> in Kafka's form. Reads from any
/// thread; changes from the log's writer only. What grows it is written beside the file before the first record of the epoch is, so that a full
/// disk refuses that record, and takes the file's place with the log's next flush, before the records of the epoch count as durable: a scan finds
/// the others. An epoch in which nothing is written costs nothing at the disk. What shrinks it is durable at once.
/// </summary>
public sealed class LeaderEpochCache
{
    private readonly IDisk _disk;
    private readonly string _path;
    private readonly Lock _writing = new();
    private LeaderEpochEntry[] _entries = [];
    private volatile bool _isChanged;
    private volatile bool _isStaged;

    internal LeaderEpochCache(IDisk disk, string path)
    {
        _disk = disk;
        _path = path;
    }

    /// <summary>The history, oldest first.</summary>
    public IReadOnlyList<LeaderEpochEntry> Entries => Volatile.Read(ref _entries);

    /// <summary>The latest epoch, or -1.</summary>
    public int LatestEpoch => Volatile.Read(ref _entries) is { Length: > 0 } entries ? entries[^1].Epoch : -1;

    /// <summary>Records that an epoch begins at an offset; older or equal epochs are ignored.</summary>
    public void Assign(int epoch, long startOffset)
    {
        if (epoch <= LatestEpoch)
            return;
        LeaderEpochEntry[] before = [.. _entries.Where(entry => entry.StartOffset < startOffset)];
        Change([.. before, new LeaderEpochEntry(epoch, startOffset)]);
    }

    /// <summary>
    /// The largest epoch not above the one asked for, and where it ends: Kafka's OffsetForLeaderEpoch. (-1, -1) for an epoch
    /// above the latest; an epoch older than the history ends where the history begins.
    /// </summary>
    public (int Epoch, long EndOffset) EndOffsetFor(int epoch, long logEndOffset)
    {
        LeaderEpochEntry[] entries = Volatile.Read(ref _entries);
        if (epoch < 0 || entries.Length == 0 || epoch > entries[^1].Epoch)
            return (-1, -1);
        int higher = Array.FindIndex(entries, entry => entry.Epoch > epoch);
        return higher switch
        {
            < 0 => (entries[^1].Epoch, logEndOffset),
            0 => (epoch, entries[0].StartOffset),
            _ => (entries[higher - 1].Epoch, entries[higher].StartOffset),
        };
    }

    /// <summary>The epoch that wrote an offset, or -1.</summary>
    public int EpochFor(long offset)
    {
        LeaderEpochEntry[] entries = Volatile.Read(ref _entries);
        int at = entries.Length - 1;
        while (at >= 0 && entries[at].StartOffset > offset)
            at--;
        return at < 0 ? -1 : entries[at].Epoch;
    }

    /// <summary>Forgets epochs that begin at or after an offset.</summary>
    /// <exception cref="DiskException">The file could not be written; the history is as it was.</exception>
    public void TruncateFromEnd(long endOffset)
    {
        if (_entries.Length > 0 && _entries[^1].StartOffset >= endOffset)
            Replace([.. _entries.Where(entry => entry.StartOffset < endOffset)]);
    }

    /// <summary>
    /// Forgets epochs that end at or before an offset, and lets the first one left begin there. The file stays behind: what it has too much
    /// lies below the log start, and is forgotten again when the log is opened.
    /// </summary>
    public void TruncateFromStart(long startOffset)
    {
        int first = Array.FindLastIndex(_entries, entry => entry.StartOffset <= startOffset);
        if (first < 0 || (first == 0 && _entries[0].StartOffset == startOffset))
            return;
        Change([new LeaderEpochEntry(_entries[first].Epoch, startOffset), .. _entries[(first + 1)..]]);
    }

    internal void Clear() => Replace([]);

    /// <summary>Reads the file; false if it is not what it has to be and has to be built again from the batches.</summary>
    internal bool TryLoad()
    {
        try
        {
            string? text = AtomicFile.TryRead(_disk, _path);
            if (text is null)
                return true;
            var entries = new List<LeaderEpochEntry>();
            foreach ((int line, string[] fields) in CheckpointText.Parse(_path, text, fieldsPerLine: 2))
            {
                long epoch = CheckpointText.Number(_path, line, fields[0]);
                long offset = CheckpointText.Number(_path, line, fields[1]);
                bool ascends = entries.Count == 0 || (epoch > entries[^1].Epoch && offset >= entries[^1].StartOffset);
                if (epoch is < 0 or > int.MaxValue || offset < 0 || !ascends)
                    return false;
                entries.Add(new LeaderEpochEntry((int)epoch, offset));
            }

            _entries = [.. entries];
            return true;
        }
        catch (CheckpointFormatException)
        {
            return false;
        }
    }

    /// <summary>Puts what a scan found in the batches in the place of all that the file says from an offset on.</summary>
    internal void ReplaceFrom(long offset, IReadOnlyList<LeaderEpochEntry> found)
    {
        List<LeaderEpochEntry> entries = [.. _entries.Where(entry => entry.StartOffset < offset)];
        foreach (LeaderEpochEntry entry in found)
        {
            if (entries.Count == 0 || entry.Epoch > entries[^1].Epoch)
                entries.Add(entry);
        }

        if (entries.SequenceEqual(_entries))
            return;
        Change([.. entries]);
        Stage();
    }

    /// <summary>Whether a flush has something to put in the file's place.</summary>
    internal bool IsStaged => _isStaged;

    /// <summary>Writes what has changed beside the file; on the writer's thread, before records that rest on it.</summary>
    /// <exception cref="DiskException">The disk failed, or is full.</exception>
    internal void Stage()
    {
        if (!_isChanged)
            return;
        lock (_writing)
        {
            AtomicFile.Stage(_disk, _path, TextOf(_entries));
            (_isChanged, _isStaged) = (false, true);
        }
    }

    /// <summary>Makes what was staged the file, durably; on the flush's thread.</summary>
    internal void PublishIfStaged()
    {
        lock (_writing)
        {
            if (!_isStaged)
                return;
            AtomicFile.Publish(_disk, _path);
            _isStaged = false;
        }
    }

    private void Change(LeaderEpochEntry[] entries)
    {
        Volatile.Write(ref _entries, entries);
        _isChanged = true;
    }

    private void Replace(LeaderEpochEntry[] entries)
    {
        lock (_writing)
        {
            AtomicFile.Write(_disk, _path, TextOf(entries));
            Volatile.Write(ref _entries, entries);
            (_isChanged, _isStaged) = (false, false);
        }
    }

    private static string TextOf(LeaderEpochEntry[] entries) => CheckpointText.Format(entries, static (text, entry) =>
        text.Append(CultureInfo.InvariantCulture, $"{entry.Epoch} {entry.StartOffset}"));
}
