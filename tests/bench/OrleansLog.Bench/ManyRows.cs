using OrleansLog.Protocol.Messages;

namespace OrleansLog.Bench;

/// <summary>What many connections and many groups cost while hardly anything happens.</summary>
internal sealed class ManyRows(SiloUnderTest silo, Scale scale)
{
    private const int MembersPerGroup = 3;
    private const short ApiVersionsVersion = 2;
    private const short GroupVersion = 3;
    private const int SessionTimeoutMs = 60_000;
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(9);
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(3);

    public async IAsyncEnumerable<BenchRow> ConnectionsAsync()
    {
        var count = scale.Of(10_000);
        var (memoryBefore, cpuBefore) = await IdleAsync();
        var clients = new List<RawKafka>(count);
        try
        {
            var hello = RawKafka.Frame(new ApiVersionsRequestData(), ApiVersionsVersion);
            for (var i = 0; i < count; i++)
            {
                clients.Add(RawKafka.Connect(silo.Address));
                clients[^1].Send(hello);
                clients[^1].Receive();
            }

            var (memory, cpu) = await IdleAsync();
            foreach (var row in Rows($"{count:N0} idle connections", memory, memoryBefore, cpu, cpuBefore))
                yield return row;
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }
    }

    public async IAsyncEnumerable<BenchRow> GroupsAsync()
    {
        var groups = scale.Of(1000);
        var (memoryBefore, cpuBefore) = await IdleAsync();
        var members = new List<Member>(groups * MembersPerGroup);
        try
        {
            await Task.Run(() => JoinAll(members, groups));
            var cpu = await ProcessCpu.DuringAsync(silo.ProcessId, () => BeatAsync(members)) / Look.TotalSeconds;
            foreach (var row in Rows($"{groups:N0} groups of {MembersPerGroup} members, a heartbeat of each every 3 s", silo.ResidentMb, memoryBefore, cpu * 100, cpuBefore))
                yield return row;
        }
        finally
        {
            members.ForEach(member => member.Client.Dispose());
        }
    }

    private static IEnumerable<BenchRow> Rows(string what, double memory, double memoryBefore, double cpu, double cpuBefore)
    {
        yield return new BenchRow($"resident memory with {what}", "MB", memory, memoryBefore, memory / memoryBefore, "reported", "the same silo before");
        yield return new BenchRow($"CPU with {what}", "% of a core", cpu, cpuBefore, double.NaN, "reported", "the same silo before");
    }

    private async Task<(double ResidentMb, double CpuPercent)> IdleAsync()
    {
        await Task.Delay(HeartbeatInterval);
        var seconds = await ProcessCpu.DuringAsync(silo.ProcessId, () => Task.Delay(Look));
        return (silo.ResidentMb, seconds / Look.TotalSeconds * 100);
    }

    private void JoinAll(List<Member> members, int groups)
    {
        AwaitCoordinators(groups);
        for (var i = 0; i < groups * MembersPerGroup; i++)
        {
            var member = new Member(RawKafka.Connect(silo.Address), $"bench-group-{i / MembersPerGroup}");
            members.Add(member);
            member.Client.Send(RawKafka.Frame(
                new JoinGroupRequestData
                {
                    GroupId = member.Group,
                    SessionTimeoutMs = SessionTimeoutMs,
                    RebalanceTimeoutMs = SessionTimeoutMs,
                    MemberId = "",
                    ProtocolType = "bench",
                    Protocols = [new() { Name = "any", Metadata = new byte[32] }],
                },
                GroupVersion));
        }

        foreach (var member in members)
        {
            var joined = member.Take<JoinGroupResponseData>(GroupVersion);
            Check(joined.ErrorCode, "join");
            (member.Id, member.Generation) = (joined.MemberId, joined.GenerationId);
            var sync = new SyncGroupRequestData { GroupId = member.Group, GenerationId = member.Generation, MemberId = member.Id };
            foreach (var other in joined.Members)
                sync.Assignments.Add(new() { MemberId = other.MemberId, Assignment = new byte[32] });

            member.Client.Send(RawKafka.Frame(sync, GroupVersion));
        }

        foreach (var member in members)
            Check(member.Take<SyncGroupResponseData>(GroupVersion).ErrorCode, "sync");
    }

    /// <summary>The first question makes the topic of the offsets; then its partitions have to be led and loaded.</summary>
    private void AwaitCoordinators(int groups)
    {
        using var client = RawKafka.Connect(silo.Address);
        for (var i = 0; i < groups; i++)
        {
            var listed = new FindCoordinatorRequestData { Key = $"bench-group-{i}" };
            while (client.Ask<FindCoordinatorRequestData, FindCoordinatorResponseData>(listed, 2).ErrorCode != Protocol.ErrorCode.None)
                Thread.Sleep(50);

            var described = new OffsetFetchRequestData { GroupId = $"bench-group-{i}" };
            while (client.Ask<OffsetFetchRequestData, OffsetFetchResponseData>(described, GroupVersion).ErrorCode != Protocol.ErrorCode.None)
                Thread.Sleep(50);
        }
    }

    private static async Task BeatAsync(List<Member> members)
    {
        for (var elapsed = TimeSpan.Zero; elapsed < Look; elapsed += HeartbeatInterval)
        {
            var pause = Task.Delay(HeartbeatInterval);
            foreach (var member in members)
            {
                member.Client.Send(RawKafka.Frame(
                    new HeartbeatRequestData { GroupId = member.Group, GenerationId = member.Generation, MemberId = member.Id }, GroupVersion));
            }

            foreach (var member in members)
                Check(member.Take<HeartbeatResponseData>(GroupVersion).ErrorCode, "heartbeat");

            await pause;
        }
    }

    private static void Check(Protocol.ErrorCode error, string what)
    {
        if (error != Protocol.ErrorCode.None)
            throw new InvalidOperationException($"{what}: {error}");
    }

    private sealed class Member(RawKafka client, string group)
    {
        public RawKafka Client => client;

        public string Group => group;

        public string Id { get; set; } = "";

        public int Generation { get; set; }

        public TResponse Take<TResponse>(short version)
            where TResponse : class, IResponseMessage, IMessage<TResponse>
        {
            client.Receive();
            return RawKafka.Decode<TResponse>(client.Answer.ToArray(), version);
        }
    }
}
