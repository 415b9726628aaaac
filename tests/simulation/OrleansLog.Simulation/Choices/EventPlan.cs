namespace OrleansLog.Simulation;

/// <summary>Makes the list of events of a seed.</summary>
internal static class EventPlan
{
    private static readonly (EventKind Kind, int Weight)[] Faults =
    [
        (EventKind.Kill, 16), (EventKind.PowerLoss, 14), (EventKind.PowerLossOfAll, 2), (EventKind.CleanStop, 6), (EventKind.Pause, 16),
        (EventKind.Cut, 14), (EventKind.Isolate, 8), (EventKind.Wipe, 4), (EventKind.DirectoryFails, 3), (EventKind.DatabaseDown, 3),
        (EventKind.SecondController, 14), (EventKind.ControllerGone, 5), (EventKind.WrongSuspicion, 10), (EventKind.DeleteRecords, 4),
        (EventKind.AcceptLoss, 3), (EventKind.ElectPreferred, 6), (EventKind.Reassign, 6),
    ];

    private static readonly int AllWeights = Faults.Sum(fault => fault.Weight);

    public static SimEvent[] Make(ulong seed, int count, int faultsPerMille)
    {
        var dice = new Dice(seed ^ 0x5EED);
        var events = new SimEvent[count];
        for (var i = 0; i < count; i++)
        {
            var kind = dice.PerMille(faultsPerMille) ? Fault(dice)
                : dice.Below(100) switch { < 62 => EventKind.Produce, < 82 => EventKind.Consume, _ => EventKind.Pass };
            events[i] = new(i, kind, dice.Next(), DelayMs(dice));
        }

        return events;
    }

    private static EventKind Fault(Dice dice)
    {
        var at = dice.Below(AllWeights);
        var i = 0;
        for (; at >= Faults[i].Weight; i++)
            at -= Faults[i].Weight;

        return Faults[i].Kind;
    }

    private static int DelayMs(Dice dice) => dice.Below(100) switch
    {
        < 55 => dice.Below(4),
        < 88 => dice.Below(30),
        < 97 => dice.Below(200),
        _ => dice.Below(2_500),
    };
}
