using OrleansLog.Core.Controller;

namespace OrleansLog.Simulation;

/// <summary>A controller's activation: the shell around <see cref="ControllerState"/>, as thin as the real one's rules allow.</summary>
internal sealed partial class SimController(World world, SimBroker host)
{
    private const int AppendTimeoutMs = 2_500;

    private readonly List<(long Version, Action Answer)> _waiting = [];
    private ControllerState? _state;
    private MetadataBatch? _appending;
    private long _appendedAtMs;

    public SimNode Node => host.Node;

    /// <summary>Its epoch is in the log, and it has not stepped down.</summary>
    public bool IsActive { get; private set; }

    public bool HasSteppedDown { get; private set; }

    public long Epoch => _state!.ControllerEpoch;

    public MetadataImage Committed => _state!.Committed;

    /// <summary>Reads the log, and takes over by appending its epoch.</summary>
    public void Start()
    {
        world.Controllers.Add(this);
        world.At(world.NowMs + AppendTimeoutMs, Node, Step.ControllerTick, () =>
        {
            if (!IsActive)
                StepDown("it could not take over in time");
        });
        world.Database.Read(Node, Step.ReadLog, image =>
        {
            if (HasSteppedDown)
                return;

            if (image is null)
            {
                StepDown("the log could not be read");
                return;
            }

            _state = new ControllerState(world.Settings, image);
            _state.Activate(host.SiloAddress, "AAAAAAAAAAAAAAAAAAAAAQ", world.NowMs);
            Append();
        });
    }

    /// <summary>Decides, and answers once what the answer rests on is persisted (S6).</summary>
    public void Decide<T>(Func<ControllerState, Decision<T>> decide, Action<T> answer)
    {
        if (!IsActive)
            return;

        var decision = decide(_state!);
        if (decision.PersistedAt <= _state!.Committed.Version || world.Broken == ShellMutation.AnswerBeforePersisting)
            answer(decision.Answer);
        else
            _waiting.Add((decision.PersistedAt, () => answer(decision.Answer)));

        Append();
    }

    /// <summary>Does something that nobody waits for.</summary>
    public void Do(Action<ControllerState> change)
    {
        if (!IsActive)
            return;

        change(_state!);
        Append();
    }

    /// <summary>Whether it is still the head of the log; false also where the log does not answer.</summary>
    public void VerifyHead(Action<bool> answer)
    {
        world.Database.Read(Node, Step.CheckHead, image =>
        {
            if (image is not null && image.ControllerEpoch > Epoch)
                StepDown("another controller wrote past its head");

            answer(image is not null && !HasSteppedDown);
        });
    }

    /// <summary>Forgets everything: another activation has to read the log.</summary>
    public void StepDown(string why)
    {
        if (HasSteppedDown)
            return;

        HasSteppedDown = true;
        world.Trace.Say(world.NowMs, $"the controller on {host.Id} steps down: {why}");
        world.Controllers.Remove(this);
        IsActive = false;
        if (_state is not null && HasUnpersistedElection())
            world.Sightings.Saw(Sighting.ControllerReplacedInElection);

        _waiting.Clear();
        _polls.Clear();
    }

    private bool HasUnpersistedElection() => _state!.Latest.Topics.Values.Any(topic => topic.Partitions.Any(partition =>
        world.Database.Image.FindPartition(topic.Id, partition.Partition) is { } persisted && partition.LeaderEpoch > persisted.LeaderEpoch));

    private void Append()
    {
        if (HasSteppedDown || _appending is not null || !_state!.TrySeal(out var batch))
            return;

        _appending = batch;
        _appendedAtMs = world.NowMs;
        world.Database.Append(Node, batch, answer => AppendAnswered(batch, answer));
    }

    private void AppendAnswered(MetadataBatch batch, AppendAnswer answer)
    {
        if (HasSteppedDown)
            return;

        if (answer != AppendAnswer.Written)
        {
            if (answer == AppendAnswer.Lost)
                world.Sightings.Saw(Sighting.LostAppendRace);

            StepDown($"the append was {answer}");
            return;
        }

        _appending = null;
        if (_state!.Persisted(batch.Version).Version > world.Database.Image.Version)
            throw new RuleBrokenException("S6", $"the controller of epoch {Epoch} tells version {_state.Committed.Version}, the log has {world.Database.Image.Version}");

        if (!IsActive)
        {
            IsActive = true;
            Tick();
        }

        for (var i = 0; i < _waiting.Count;)
        {
            var (version, release) = _waiting[i];
            if (version > batch.Version)
            {
                i++;
                continue;
            }

            _waiting.RemoveAt(i);
            release();
        }

        AnswerPolls();
        Append();
    }

    private void Tick()
    {
        if (HasSteppedDown)
            return;

        world.At(world.NowMs + ControllerState.SessionLookIntervalMs, Node, Step.ControllerTick, Tick);
        if (_appending is not null && world.NowMs - _appendedAtMs > AppendTimeoutMs)
        {
            if (world.Database.Image.Version >= _appending.Version && world.Database.Image.ControllerEpoch == Epoch)
                world.Sightings.Saw(Sighting.AppendOfUnknownOutcome);

            StepDown("nothing is known of its append");
            return;
        }

        _state!.ExpireSessions(world.NowMs);
        _state.BalanceLeaders(world.NowMs);
        Append();
        AnswerPolls();
        if (_appending is null)
            VerifyHead(static _ => { });
    }
}
