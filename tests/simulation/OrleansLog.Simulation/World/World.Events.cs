using OrleansLog.Core.Controller;

namespace OrleansLog.Simulation;

/// <summary>What the events do.</summary>
internal sealed partial class World
{
    private const int ControllerLookMs = 300;

    /// <summary>The latest controller whose epoch is in the log, as far as anybody can know.</summary>
    public SimController? NewestController => Controllers.LastOrDefault(controller => controller.IsActive);

    /// <summary>A controller for a caller that knows none: mostly the newest, sometimes one that does not know that it was replaced.</summary>
    public SimController? FindController()
    {
        var active = Controllers.Where(controller => controller.IsActive).ToArray();
        return active.Length == 0 ? null : Dice.OneIn(3) ? Dice.Of(active) : active[^1];
    }

    private void Do(EventKind kind)
    {
        switch (kind)
        {
            case EventKind.Produce:
                Clients.Produce();
                break;
            case EventKind.Consume:
                Clients.Consume();
                break;
            case EventKind.Pass:
                break;
            case EventKind.SecondController:
                StartController();
                break;
            case EventKind.ControllerGone:
                if (Controllers.Count > 0)
                    Dice.Of(Controllers).StepDown("deactivated");
                break;
            case EventKind.DatabaseDown:
                Database.IsAnswering = false;
                At(NowMs + Dice.Below(6_000), null, Step.Start, () => Database.IsAnswering = true);
                break;
            case EventKind.Cut or EventKind.Isolate:
                CutNetwork(kind == EventKind.Isolate);
                break;
            case EventKind.AcceptLoss or EventKind.ElectPreferred or EventKind.Reassign:
                Administer(kind);
                break;
            case EventKind.DeleteRecords:
                Clients.DeleteRecords();
                break;
            case EventKind.WrongSuspicion:
                Suspect(Dice.Of(Brokers));
                break;
            default:
                Hurt(kind);
                break;
        }
    }

    private void Hurt(EventKind kind)
    {
        var broker = Dice.Of(Brokers);
        var awayMs = Dice.Below(3) switch { 0 => Dice.Below(20), 1 => Dice.Below(400), _ => Dice.Below(8_000) };
        switch (kind)
        {
            case EventKind.PowerLossOfAll:
                foreach (var each in Brokers)
                    each.LosePower(Dice.Below(3_000));
                break;
            case EventKind.PowerLoss:
                broker.LosePower(awayMs);
                break;
            case EventKind.Kill:
                var address = broker.SiloAddress;
                broker.Kill(awayMs);
                if (Scenario.ResetsAreTold && NewestController is { } controller)
                    At(NowMs + Network.DelayMs(), controller.Node, Step.Suspect, () => controller.Do(state => state.SiloDied(address)));
                break;
            case EventKind.Wipe:
                broker.Wipe(awayMs);
                break;
            case EventKind.CleanStop:
                broker.Stop(awayMs);
                break;
            case EventKind.DirectoryFails:
                broker.FailDirectory(Dice.Below(Scenario.Directories));
                break;
            case EventKind.Pause:
                broker.Node.Pause();
                At(NowMs + awayMs, null, Step.Start, () => Resume(broker.Node));
                break;
        }
    }

    private void Suspect(SimBroker broker)
    {
        if (NewestController is not { } controller)
            return;

        var address = broker.SiloAddress;
        At(NowMs + Network.DelayMs(), controller.Node, Step.Suspect, () => controller.Do(state => state.SiloDied(address)));
    }

    private void CutNetwork(bool isolates)
    {
        var until = NowMs + (Dice.OneIn(2) ? Dice.Below(1_000) : Dice.Below(8_000));
        var one = Dice.Between(1, Brokers.Length);
        var direction = Dice.Below(3);
        for (var other = 0; other <= Brokers.Length; other++)
        {
            if (other == one || (!isolates && !Dice.OneIn(2)))
                continue;

            if (direction != 1)
                Network.Cut(one, other, until);
            if (direction != 2)
                Network.Cut(other, one, until);
        }
    }

    private void Administer(EventKind kind)
    {
        var partition = Dice.Of(Partitions);
        if (kind == EventKind.AcceptLoss)
        {
            AcceptLoss(partition);
            return;
        }

        if (NewestController is not { } controller)
            return;

        if (kind == EventKind.ElectPreferred)
        {
            At(NowMs, controller.Node, Step.Admin, () => controller.Decide(state => state.ElectLeaders(new ElectLeaders(ElectionKind.Preferred, null)), static _ => { }));
            return;
        }

        var target = Enumerable.Range(1, Brokers.Length).OrderBy(_ => Dice.Next()).Take(partition.Topic.Factor).ToArray();
        At(NowMs, controller.Node, Step.Admin, () => controller.Decide(
            state => state.AlterReassignments([new Reassign(partition.Topic.Name, partition.Number, target)]), static _ => { }));
    }

    private void AcceptLoss(PartitionHistory partition)
    {
        if (NewestController is not { } controller)
            return;

        partition.AcceptLoss();
        At(NowMs, controller.Node, Step.Admin, () => controller.Decide(
            state => state.AcceptLoss(new AcceptLoss(partition.Topic.Name, partition.Number)), static _ => { }));
    }

    /// <summary>Somebody always asks the directory for a controller; where none answers, one is made.</summary>
    private void KeepController()
    {
        At(NowMs + ControllerLookMs, null, Step.ControllerStart, KeepController);
        if (!Controllers.Exists(static controller => controller.Node is { IsUp: true, IsPaused: false }))
            StartController();
    }

    private void StartController()
    {
        var awake = Array.FindAll(Brokers, static broker => broker.Node is { IsUp: true, IsPaused: false });
        if (awake.Length > 0)
            new SimController(this, Dice.Of(awake)).Start();
    }
}
