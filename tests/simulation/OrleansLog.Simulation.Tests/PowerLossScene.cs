namespace OrleansLog.Simulation.Tests;

/// <summary>What becomes of a broker.</summary>
public enum Part
{
    /// <summary>Its machine loses power.</summary>
    Powerless,

    /// <summary>It sleeps, and goes on with what it believed.</summary>
    Sleeper,

    /// <summary>It has to go on without the others.</summary>
    Third,
}

/// <summary>One partition on three brokers, and what is done to each of them; the seed decides the moments.</summary>
internal sealed class PowerLossScene
{
    private const int UntilStarted = 1_000_000;

    private readonly World _world;
    private readonly Part _leading;
    private readonly Part _backFirst;
    private readonly List<SimAppend> _appends = [];
    private SimBroker[] _brokers = [];

    public PowerLossScene(ulong seed, string flushPolicy, Part leading, Part backFirst, ShellMutation broken = ShellMutation.None)
    {
        (_leading, _backFirst) = (leading, backFirst);
        _world = new World(
            new Scenario
            {
                Seed = seed,
                Brokers = 3,
                Directories = 1,
                Topics = [new("a", 1, 3)],
                MinIsr = 2,
                FlushPolicy = flushPolicy,
                UncleanAllowed = false,
                SessionMs = 3_000,
                LagMs = 600,
                NetworkDelayMs = 5,
                LossPerMille = 3,
                FaultsPerMille = 0,
                FetchRecords = 2,
                ResetsAreTold = false,
            },
            broken: broken);
    }

    private PartitionHistory Partition => _world.Partitions[0];

    /// <summary>Plays it; how often power losses took records.</summary>
    public long Play()
    {
        _world.Play(Script);
        Assert.Equal(0, Partition.Era);
        var log = Partition.Leading!.Log;
        foreach (var append in _appends.Where(static append => append.Outcome == Outcome.Acknowledged))
        {
            for (var i = 0; i < append.Records.Length; i++)
                Assert.Equal(append.Records[i], log[append.FirstOffset + i]);
        }

        return _world.Sightings[Sighting.PowerLossTookRecords];
    }

    private void Script()
    {
        var others = _world.Brokers.Where(broker => broker != Partition.Leading!.Broker);
        _brokers = [.. others.Take((int)_leading), Partition.Leading!.Broker, .. others.Skip((int)_leading)];

        // Nobody leaves the ISR for a message that comes late.
        _world.Network.IsBad = false;
        Send();
        _world.Until("records are acknowledged", () => Partition.IsWhole() && _appends.TrueForAll(static append => append.Outcome == Outcome.Acknowledged));

        Send(within: 5);
        Of(Part.Sleeper).Node.Pause();
        if (_world.Dice.OneIn(2))
            Send(within: 1_500);

        Send(within: 10);
        Of(Part.Powerless).LosePower(UntilStarted);
        _world.Until("the third leads alone", () => Partition.Leading?.Broker == Of(Part.Third) && Partition.Persisted!.Isr.Length == 1);
        Send(within: 1_000);
        Assert.NotEqual(Outcome.Acknowledged, _appends[^1].Outcome);

        _world.Network.IsBad = true;
        ComeBack(_backFirst);
        Send(within: 600);
        Of(Part.Third).Kill(_world.Dice.Between(300, 5_000));
        Send(within: 600);
        ComeBack(_backFirst == Part.Powerless ? Part.Sleeper : Part.Powerless);
        Send(within: 3_000);
        _world.Until("all run and one leads", () => Array.TrueForAll(_brokers, IsActive) && Partition.Leading is not null);
        Send(within: 100);
    }

    private SimBroker Of(Part part) => _brokers[(int)part];

    /// <summary>Some requests of records, one after the other within a time.</summary>
    private void Send(int within = 50)
    {
        for (var left = 5; left > 0; left--)
        {
            _appends.Add(_world.Clients.ProduceTo(Partition, _world.Dice.Between(1, 3)));
            _world.Advance(_world.Dice.Below(within / 5));
        }
    }

    private void ComeBack(Part part)
    {
        var broker = Of(part);
        if (part == Part.Sleeper)
            _world.Resume(broker.Node);
        else
            broker.Start();

        _world.Until($"{part} is back", () => IsActive(broker));
    }

    private bool IsActive(SimBroker broker) => broker.IsTheRegisteredOne && _world.Database.Image.FindBroker(broker.Id)!.IsActive;
}
