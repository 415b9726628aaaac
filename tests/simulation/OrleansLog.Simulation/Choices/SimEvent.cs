namespace OrleansLog.Simulation;

/// <summary>What can be done to the world from outside.</summary>
internal enum EventKind : byte
{
    /// <summary>A producer sends.</summary>
    Produce,

    /// <summary>A consumer reads.</summary>
    Consume,

    /// <summary>Nothing but time.</summary>
    Pass,

    /// <summary>A process dies and comes back; the page cache survives.</summary>
    Kill,

    /// <summary>A machine loses power and comes back; what was not synced is gone.</summary>
    PowerLoss,

    /// <summary>All machines lose power at once.</summary>
    PowerLossOfAll,

    /// <summary>A broker hands over, stops and comes back.</summary>
    CleanStop,

    /// <summary>A process sleeps and goes on with what it believed.</summary>
    Pause,

    /// <summary>Two machines do not hear each other, or one does not hear the other.</summary>
    Cut,

    /// <summary>One machine hears nobody, or is heard by nobody.</summary>
    Isolate,

    /// <summary>A log directory comes back empty, under another id.</summary>
    Wipe,

    /// <summary>A log directory fails until its process starts again.</summary>
    DirectoryFails,

    /// <summary>The metadata database does not answer.</summary>
    DatabaseDown,

    /// <summary>Another controller is activated beside the one there is.</summary>
    SecondController,

    /// <summary>A controller is deactivated where it stands.</summary>
    ControllerGone,

    /// <summary>A live broker is taken for dead.</summary>
    WrongSuspicion,

    /// <summary>Records are deleted up to an offset.</summary>
    DeleteRecords,

    /// <summary>An operator accepts the loss of a partition without a leader.</summary>
    AcceptLoss,

    /// <summary>An operator asks for preferred leaders.</summary>
    ElectPreferred,

    /// <summary>A partition moves to other brokers.</summary>
    Reassign,
}

/// <summary>One thing that is done to the world. It holds all the chance that it needs, so others can be left out without changing it.</summary>
/// <param name="Number">Its place in the run that the seed gives.</param>
/// <param name="Kind">What is done.</param>
/// <param name="Chance">Decides to whom, how, and what the network does until the next event.</param>
/// <param name="ThenMs">Virtual time until the next event, in milliseconds.</param>
internal readonly record struct SimEvent(int Number, EventKind Kind, ulong Chance, int ThenMs)
{
    public override string ToString() => $"{Number}: {Kind} {Chance:x16}, then {ThenMs} ms";
}
