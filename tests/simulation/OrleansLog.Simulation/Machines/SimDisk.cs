namespace OrleansLog.Simulation;

/// <summary>A broker's log directories: an id each, what its markers say, and the logs of the replicas in it by partition.</summary>
internal sealed class SimDisk
{
    private readonly List<Directory> _directories = [];

    public SimDisk(int count, Func<Guid> newId)
    {
        for (var i = 0; i < count; i++)
            _directories.Add(new(newId()));
    }

    public IEnumerable<Guid> Ids => _directories.Select(directory => directory.Id);

    /// <summary>Directories of which unsynced records may be missing: a power loss since the last clean stop (D11).</summary>
    public IEnumerable<Guid> MayHaveLostUnsynced => _directories.Where(directory => directory.MayHaveLostUnsynced).Select(directory => directory.Id);

    public Guid IdOf(int directory) => _directories[directory].Id;

    public bool Has(Guid directory) => _directories.Exists(candidate => candidate.Id == directory);

    /// <summary>Opens the log of a replica in a directory, empty where there is none yet.</summary>
    public SimLog Open(Guid directory, int partition)
    {
        var logs = Find(directory).Logs;
        if (!logs.TryGetValue(partition, out var log))
            logs.Add(partition, log = new SimLog());

        log.Scan();
        return log;
    }

    /// <summary>A directory for a replica that has none assigned: the one that has its log, else the first that works.</summary>
    public Guid Choose(int partition, IReadOnlySet<Guid> failed) =>
        (_directories.Find(candidate => candidate.Logs.ContainsKey(partition) && !failed.Contains(candidate.Id)) ?? _directories.Find(candidate => !failed.Contains(candidate.Id)))?.Id
        ?? _directories[0].Id;

    public void Delete(Guid directory, int partition) => Find(directory).Logs.Remove(partition);

    /// <summary>The directory comes back empty, as another one.</summary>
    public void Wipe(int directory, Guid newId) => _directories[directory] = new(newId);

    /// <summary>A process writes: from here on a power loss can take something.</summary>
    public void Started() => _directories.ForEach(static directory => directory.IsClean = false);

    /// <summary>Everything was synced, and the marker written, before the process ended.</summary>
    public void StoppedCleanly(IReadOnlySet<Guid> failed)
    {
        foreach (var directory in _directories.Where(directory => !failed.Contains(directory.Id)))
        {
            foreach (var log in directory.Logs.Values)
                log.Synced(log.End);

            directory.IsClean = true;
            directory.MayHaveLostUnsynced = false;
        }
    }

    /// <summary>The machine lost power.</summary>
    /// <returns>How many records went.</returns>
    public long LosePower(Dice dice)
    {
        var lost = 0L;
        foreach (var directory in _directories.Where(static directory => !directory.IsClean))
        {
            directory.MayHaveLostUnsynced = true;
            lost += directory.Logs.Values.Sum(log => log.LosePower(dice));
        }

        return lost;
    }

    /// <summary>The cluster knows of it: the broker is registered, and the logs of all but the failed directories were scanned.</summary>
    public void Recovered(IReadOnlySet<Guid> failed)
    {
        foreach (var directory in _directories.Where(directory => !failed.Contains(directory.Id)))
            directory.MayHaveLostUnsynced = false;
    }

    private Directory Find(Guid id) => _directories.Find(candidate => candidate.Id == id)!;

    private sealed class Directory(Guid id)
    {
        public Guid Id => id;

        public Dictionary<int, SimLog> Logs { get; } = [];

        public bool IsClean { get; set; } = true;

        public bool MayHaveLostUnsynced { get; set; }
    }
}
