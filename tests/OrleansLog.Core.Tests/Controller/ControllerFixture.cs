using OrleansLog.Core.Configuration;
using OrleansLog.Core.Controller;
using OrleansLog.Core.Partition;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Tests.Controller;

/// <summary>A controller in memory: what it decides is persisted at once, unless a test holds it back.</summary>
internal sealed class ControllerFixture
{
    public const string ClusterId = "AAAAAAAAAAAAAAAAAAAAAQ";
    public const int SessionMs = 9000;

    private int _ids;

    public ControllerFixture(params (string Key, string Value)[] config)
    {
        Settings = SettingsOf(config);
        State = new ControllerState(Settings, MetadataImage.Empty);
        State.Activate("127.0.0.1:11111@1", ClusterId, NowMs);
        Persist();
    }

    public ControllerState State { get; private set; }

    public ControllerSettings Settings { get; }

    public long NowMs { get; set; } = 1_000;

    /// <summary>Every version that was persisted, encoded as it would be stored.</summary>
    public List<byte[]> Log { get; } = [];

    public MetadataImage Image => State.Committed;

    public PartitionImage Partition(string topic, int partition = 0) => Image.FindTopic(topic)!.Partitions[partition];

    public void Persist()
    {
        while (State.TrySeal(out var batch))
        {
            Log.Add(MetadataRecordCodec.Encode(batch.Version, batch.ControllerEpoch, batch.Records));
            State.Persisted(batch.Version);
        }
    }

    public T Do<T>(Func<ControllerState, Decision<T>> decide)
    {
        var decision = decide(State);
        Persist();
        Assert.True(decision.PersistedAt <= Image.Version);
        return decision.Answer;
    }

    public void Do(Action<ControllerState> decide)
    {
        decide(State);
        Persist();
    }

    /// <summary>Time passes, and the controller looks at its sessions as often as it should.</summary>
    public void Pass(int ms)
    {
        for (var end = NowMs + ms; NowMs < end;)
        {
            NowMs = Math.Min(end, NowMs + ControllerState.SessionLookIntervalMs);
            Do(state => state.ExpireSessions(NowMs));
        }
    }

    /// <summary>Time passes in which the controller does nothing; returns what its next look says of it.</summary>
    public long StandStill(int ms)
    {
        NowMs += ms;
        var stillMs = State.ExpireSessions(NowMs);
        Persist();
        return stillMs;
    }

    /// <summary>Registers a broker; its directory, unless given, is its own for good.</summary>
    public RegisterBrokerAnswer Register(int id, int process = 1, bool mayHaveLostUnsynced = false, params int[] directories) =>
        Do(state => state.RegisterBroker(Registration(id, process, mayHaveLostUnsynced, directories), NowMs));

    public static RegisterBroker Registration(int id, int process = 1, bool mayHaveLostUnsynced = false, params int[] directories) => new()
    {
        Id = id,
        IncarnationId = IdOf(id, process),
        SiloAddress = $"127.0.0.1:{11110 + id}@{process}",
        Directories = directories.Length == 0 ? [DirectoryOf(id)] : [.. directories.Select(directory => DirectoryOf(id, directory))],
        MayHaveLostUnsynced = mayHaveLostUnsynced,
    };

    public BrokerAliveAnswer Heartbeat(int id, bool wantsShutdown = false, bool wantsFence = false, params int[] offline) =>
        Do(state => state.BrokerAlive(
            new BrokerAlive
            {
                Id = id,
                BrokerEpoch = Image.Brokers[id].Epoch,
                AppliedVersion = Image.Version,
                WantsShutdown = wantsShutdown,
                WantsFence = wantsFence,
                OfflineDirectories = [.. offline.Select(directory => DirectoryOf(id, directory))],
            },
            NowMs));

    public ControllerFixture WithBrokers(params int[] ids)
    {
        foreach (var id in ids)
        {
            Assert.Equal(ErrorCode.None, Register(id).Error);
            Assert.False(Heartbeat(id).IsFenced);
        }

        return this;
    }

    public TopicAnswer Create(string name, int partitions = 1, int factor = 1, params (string Key, string Value)[] configs) =>
        Do(state => state.CreateTopics(
            [new CreateTopic { Name = name, Partitions = partitions, ReplicationFactor = factor, Configs = configs.ToDictionary(c => c.Key, c => c.Value) }],
            validateOnly: false))[0];

    public ControllerFixture WithTopic(string name, int partitions = 1, int factor = 1, params (string Key, string Value)[] configs)
    {
        Assert.Equal(ErrorCode.None, Create(name, partitions, factor, configs).Error);
        return this;
    }

    /// <summary>The leader of a topic's first partition asks for an ISR, and what it is told.</summary>
    public AskedIsrAnswer AskIsr(string topic, params int[] isr) => Ask(Partition(topic).Leader, Asked(topic, isr)).Partitions[0];

    public AskedIsr Asked(string topic, int[] isr, int partition = 0)
    {
        var now = Partition(topic, partition);
        return new AskedIsr(
            new TopicIdPartition(Image.FindTopic(topic)!.Id, partition), now.LeaderEpoch, now.PartitionEpoch,
            [.. isr.Select(id => new IsrMember(id, Image.FindBroker(id)?.Epoch ?? -1))]);
    }

    public AlterPartitionAnswer Ask(int leader, params AskedIsr[] asked) =>
        Do(state => state.AlterPartition(new AlterPartition(leader, Image.Brokers[leader].Epoch, [.. asked])));

    /// <summary>Stops this controller where it stands and starts another over the persisted log.</summary>
    public void FailOver()
    {
        State = new ControllerState(Settings, Replay());
        State.Activate("127.0.0.1:11112@1", "other", NowMs);
        Persist();
    }

    public MetadataImage Replay()
    {
        var image = MetadataImage.Empty;
        foreach (var payload in Log)
        {
            var batch = MetadataRecordCodec.Decode(payload);
            image = image.Apply(batch.Version, batch.Records).Current;
        }

        return image;
    }

    public static Guid DirectoryOf(int broker, int directory = 0) => IdOf(broker, 1000 + directory);

    /// <summary>What an image says, as text that can be compared.</summary>
    public static string TextOf(MetadataImage image) =>
        System.Text.Encoding.UTF8.GetString(MetadataRecordCodec.Encode(image.Version, image.ControllerEpoch, image.ToRecords()));

    private static Guid IdOf(int a, int b) => new(a, (short)b, 7, 0, 0, 0, 0, 0, 0, 0, 1);

    private ControllerSettings SettingsOf((string Key, string Value)[] config)
    {
        var values = new Dictionary<string, string> { ["broker.session.timeout.ms"] = $"{SessionMs}", ["num.partitions"] = "3" };
        foreach (var (key, value) in config)
        {
            values[key] = value;
        }

        return new ControllerSettings { Config = BrokerConfig.Parse(values).Value, NewId = () => IdOf(-1, ++_ids) };
    }
}
