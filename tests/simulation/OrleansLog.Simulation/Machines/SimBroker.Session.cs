using OrleansLog.Core.Controller;
using OrleansLog.Protocol;

namespace OrleansLog.Simulation;

/// <summary>What a broker has with the controller: registration, heartbeats that bring metadata, ISR changes.</summary>
internal sealed partial class SimBroker
{
    private const int AnswerWithinMs = 600;
    private const int ShutdownWithinMs = 5_000;

    private SimController? _controller;
    private long _controllerEpoch;
    private long _askedAtMs;
    private long _pollNumber;
    private HashSet<Guid> _unclean = [];
    private bool _wantsShutdown;
    private long _shutdownSinceMs;

    /// <summary>What the markers of the directories that are online said when its process started.</summary>
    public bool MayHaveLost => _unclean.Count > 0 && _unclean.Except(_failed).Any();

    private int PollWaitMs => world.Scenario.SessionMs / 3;

    /// <summary>Asks for another ISR of a partition that it leads.</summary>
    public void AlterPartition(AskedIsr asked, Action<ErrorCode, PartitionImage?> answer)
    {
        // Each try may reach another controller.
        var controller = world.Dice.OneIn(3) ? world.FindController() : Controller();
        if (BrokerEpoch < 0 || controller is null)
            return;

        var process = Node.Process;
        var request = new AlterPartition(id, BrokerEpoch, [asked]);
        world.Network.Send(Node, controller.Node.Process, Step.AlterIsr, () => controller.AlterPartition(request, told =>
        {
            var epoch = controller.Epoch;
            world.Network.Send(controller.Node, process, Step.IsrAltered, () =>
            {
                if (IsOld(epoch))
                    return;

                if (told is null || told.Error != ErrorCode.None)
                    answer(told?.Error ?? ErrorCode.NotController, null);
                else
                    answer(told.Partitions[0].Error, told.Partitions[0].Now);
            });
        }));
    }

    /// <summary>Tells the controller where a replica lies that was opened where there was room.</summary>
    private void AssignDirectory(SimReplica replica)
    {
        if (BrokerEpoch < 0 || Controller() is not { } controller)
            return;

        var epoch = BrokerEpoch;
        ReplicaDirectory[] assigned = [new(new TopicIdPartition(replica.Partition.TopicId, replica.Partition.Number), replica.Directory)];
        world.Network.Send(Node, controller.Node.Process, Step.AlterIsr, () => controller.Decide(
            state => state.AssignDirectories(id, epoch, assigned), static _ => { }));
    }

    private void Register()
    {
        _askedAtMs = world.NowMs;
        if (Controller() is not { } controller)
            return;

        var process = Node.Process;
        var request = new RegisterBroker
        {
            Id = id,
            IncarnationId = _incarnation,
            SiloAddress = SiloAddress,
            Directories = [.. Disk.Ids.Where(directory => !_failed.Contains(directory))],
            MayHaveLostUnsynced = MayHaveLost && world.Broken != ShellMutation.ForgetPowerLoss,
        };
        world.Network.Send(Node, controller.Node.Process, Step.Register, () => controller.Decide(
            state => state.RegisterBroker(request, world.NowMs),
            told =>
            {
                var epoch = controller.Epoch;
                world.Network.Send(controller.Node, process, Step.Registered, () => Registered(epoch, told));
            }));
    }

    private void Registered(long controllerEpoch, RegisterBrokerAnswer answer)
    {
        if (IsOld(controllerEpoch) || BrokerEpoch >= 0)
            return;

        _controllerEpoch = Math.Max(_controllerEpoch, controllerEpoch);
        if (answer.Error != ErrorCode.None)
            return;

        BrokerEpoch = answer.BrokerEpoch;
        foreach (var replica in _replicas)
            replica?.RegisteredAgain(BrokerEpoch);

        Poll();
    }

    private void Poll()
    {
        _askedAtMs = world.NowMs;
        var number = ++_pollNumber;
        if (Controller() is not { } controller)
            return;

        var process = Node.Process;
        var alive = new BrokerAlive
        {
            Id = id,
            BrokerEpoch = BrokerEpoch,
            AppliedVersion = Image.Version,
            WantsShutdown = _wantsShutdown,
            OfflineDirectories = [.. _failed],
        };
        world.Network.Send(Node, controller.Node.Process, Step.Poll, () => controller.Poll(alive, PollWaitMs, (answer, image) =>
        {
            var epoch = controller.Epoch;
            world.Network.Send(controller.Node, process, Step.Polled, () => Polled(number, epoch, answer, image));
        }));
    }

    private void Polled(long number, long controllerEpoch, BrokerAliveAnswer answer, MetadataImage image)
    {
        if (number != _pollNumber || IsOld(controllerEpoch) || BrokerEpoch < 0)
            return;

        _controllerEpoch = Math.Max(_controllerEpoch, controllerEpoch);
        if (answer.Error == ErrorCode.StaleBrokerEpoch)
        {
            BrokerEpoch = -1;
            Register();
            return;
        }

        Apply(image);
        if (_wantsShutdown && answer.MayShutDown)
        {
            world.Sightings.Saw(Sighting.CleanShutdown);
            StopNow();
            return;
        }

        Poll();
    }

    private void CheckSession()
    {
        if (_wantsShutdown && world.NowMs - _shutdownSinceMs > ShutdownWithinMs)
        {
            StopNow();
            return;
        }

        var within = BrokerEpoch < 0 ? AnswerWithinMs : PollWaitMs + AnswerWithinMs;
        if (world.NowMs - _askedAtMs <= within && _controller is { IsActive: true })
            return;

        if (_controller is { IsActive: true } || world.NowMs - _askedAtMs > AnswerWithinMs / 2)
        {
            _controller = null;
            if (BrokerEpoch < 0)
                Register();
            else
                Poll();
        }
    }

    /// <summary>An answer of a controller before the latest that was heard is not heard (D2).</summary>
    private bool IsOld(long controllerEpoch) => controllerEpoch < _controllerEpoch;

    private SimController? Controller() => _controller is { IsActive: true } ? _controller : _controller = world.FindController();
}
