namespace OrleansLog.Simulation;

/// <summary>Rare states that an exploration has to reach, or it proves little.</summary>
internal enum Sighting
{
    /// <summary>Two leaders of adjacent epochs, each with a client whose records it takes.</summary>
    TwoLeadersWithClients,

    /// <summary>A replicated partition whose ISR is one broker.</summary>
    IsrOfOne,

    /// <summary>The ISR being empty, an eligible replica was elected.</summary>
    ElrElection,

    /// <summary>A log that ends below what its own checkpoint called committed.</summary>
    CutBelowCheckpoint,

    /// <summary>A controller went while an election of its was not persisted.</summary>
    ControllerReplacedInElection,

    /// <summary>An unclean election was recorded.</summary>
    UncleanElection,

    /// <summary>A follower went back to where the histories agree.</summary>
    TruncationByEpoch,

    /// <summary>A follower found its leader's log to start above its own end.</summary>
    RestartAtLogStart,

    /// <summary>A leader took an ISR change back.</summary>
    IsrChangeTakenBack,

    /// <summary>Two controllers wanted the same version.</summary>
    LostAppendRace,

    /// <summary>An append to the metadata log went through, and its controller did not hear of it.</summary>
    AppendOfUnknownOutcome,

    /// <summary>A controller that was not the head any more was asked for an ISR.</summary>
    StaleControllerAsked,

    /// <summary>Appended with acks=all, and then the ISR was too small.</summary>
    TooFewAfterAppend,

    /// <summary>A consumer read from a follower.</summary>
    FollowerRead,

    /// <summary>A power loss took records.</summary>
    PowerLossTookRecords,

    /// <summary>A partition waits, offline, for a directory that is gone.</summary>
    OfflineForLostDirectory,

    /// <summary>A broker that may have lost records came back into the ISR.</summary>
    UncleanBrokerRejoined,

    /// <summary>A reassignment was completed.</summary>
    ReassignmentDone,

    /// <summary>A controlled shutdown was granted.</summary>
    CleanShutdown,

    /// <summary>A leader was asked under an epoch lower than its own.</summary>
    FencedFetch,
}

/// <summary>How often each was seen.</summary>
internal sealed class Sightings
{
    private readonly long[] _counts = new long[Enum.GetValues<Sighting>().Length];

    public long this[Sighting sighting] => _counts[(int)sighting];

    public void Saw(Sighting sighting) => _counts[(int)sighting]++;

    public void Add(Sightings other)
    {
        for (var i = 0; i < _counts.Length; i++)
            _counts[i] += other._counts[i];
    }

    /// <summary>Those that were never seen.</summary>
    public IEnumerable<Sighting> Missing => Enum.GetValues<Sighting>().Where(sighting => this[sighting] == 0);

    public override string ToString() => string.Join(Environment.NewLine, Enum.GetValues<Sighting>().Select(sighting => $"  {sighting,-30} {this[sighting],9}"));
}
