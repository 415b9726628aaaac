using System.Buffers.Binary;
using OrleansLog.Protocol;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Tests.Golden;

/// <summary>
/// Says to our broker what a client said to Apache Kafka, on as many connections and in the recorded order, and holds the answers to
/// the recorded ones. Joins and syncs of groups wait for each other, so nobody waits for their answers before they are needed.
/// </summary>
internal sealed class Conversation(KafkaBroker broker, IReadOnlyList<RecordedExchange> exchanges) : IDisposable
{
    /// <summary>Long polls that found nothing need not take the client's half second.</summary>
    private const int MaxWaitMs = 20;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Substitutions _substitutions = new();
    private readonly RecordedBroker _recorded = new(broker);
    private readonly Dictionary<int, KafkaClient> _connections = [];
    private readonly Dictionary<int, Task> _unanswered = [];
    private readonly List<Task> _joining = [];
    private readonly HashSet<RecordedExchange> _sent = [];
    private readonly List<string> _differences = [];
    private readonly List<(RecordedExchange Exchange, IMessage Ours)> _joined = [];

    /// <summary>How many exchanges were held against the recording, by API.</summary>
    public Dictionary<string, int> Compared { get; } = [];

    public async Task<IReadOnlyList<string>> ReplayAsync()
    {
        await _recorded.CreateTopicsAsync(exchanges);
        var served = await ServedAsync();
        for (var i = 0; i < exchanges.Count; i++)
        {
            if (SkippedExchanges.IsSkipped(exchanges[i], served))
                continue;

            // The line of a join stands where it was answered; somebody heard of it before.
            if (TellsOfAJoin(exchanges[i]) && exchanges.Skip(i).FirstOrDefault(later => later.Key == ApiKey.JoinGroup && later.Connection != exchanges[i].Connection) is { } join)
                await BeginAsync(join);

            await BeginAsync(exchanges[i]);
        }

        await Task.WhenAll(_unanswered.Values).WaitAsync(Patience);
        foreach (var (exchange, ours) in _joined)
            Compare(exchange, ours);

        return _differences;
    }

    public void Dispose()
    {
        foreach (var connection in _connections.Values)
            connection.Dispose();
    }

    private async Task<HashSet<short>> ServedAsync()
    {
        using var client = await broker.ConnectAsync();
        var versions = await client.SendAsync<ApiVersionsResponseData>(new ApiVersionsRequestData(), 0);
        return [.. versions.ApiKeys.Select(api => api.ApiKey)];
    }

    private static bool TellsOfAJoin(RecordedExchange exchange) =>
        exchange.Key == ApiKey.Heartbeat && exchange.ReadResponse() is HeartbeatResponseData { ErrorCode: ErrorCode.RebalanceInProgress };

    private async Task BeginAsync(RecordedExchange exchange)
    {
        if (!_sent.Add(exchange))
            return;

        if (_unanswered.Remove(exchange.Connection, out var earlier))
            await WithinAsync(earlier, exchange);

        // Its assignments name members: the joins of all of them are answered by now, or on their way.
        if (exchange.Key == ApiKey.SyncGroup)
            await WithinAsync(Task.WhenAll(_joining), exchange);

        await _recorded.CatchUpAsync(exchange, NameOf);
        var request = exchange.ReadRequest();
        _substitutions.Apply(request);
        if (request is FetchRequestData fetch)
            fetch.MaxWaitMs = Math.Min(fetch.MaxWaitMs, MaxWaitMs);

        if (!_connections.TryGetValue(exchange.Connection, out var connection))
            _connections[exchange.Connection] = connection = await broker.ConnectAsync();

        var frame = ApiCodec.Of(exchange.Api).WriteRequest(request, exchange.Version, exchange.Correlation, exchange.ClientId);
        await connection.SendFrameAsync(frame);
        var answer = ReceiveAsync(connection, exchange, frame);
        if (exchange.Key == ApiKey.JoinGroup)
            _joining.Add(answer);

        if (exchange.Key is ApiKey.JoinGroup or ApiKey.SyncGroup)
            _unanswered[exchange.Connection] = answer;
        else
            await WithinAsync(answer, exchange);
    }

    private static async Task WithinAsync(Task answer, RecordedExchange exchange)
    {
        try
        {
            await answer.WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{exchange}: no answer on its connection");
        }
    }

    private async Task ReceiveAsync(KafkaClient connection, RecordedExchange exchange, byte[] request)
    {
        if (await connection.ReceiveFrameAsync() is not { } frame)
        {
            _differences.Add($"{exchange}: the connection was closed");
            _connections.Remove(exchange.Connection);
            return;
        }

        Assert.Equal(exchange.Correlation, BinaryPrimitives.ReadInt32BigEndian(frame));
        var ours = ApiCodec.Of(exchange.Api).ReadResponse(frame, exchange.Version);
        if (ours is HeartbeatResponseData { ErrorCode: ErrorCode.None } && TellsOfAJoin(exchange))
        {
            // The join came on another connection and is not known yet; the client would ask again, too.
            await connection.SendFrameAsync(request);
            await ReceiveAsync(connection, exchange, request);
            return;
        }

        lock (_differences)
        {
            // The leader's answer may name a member whose own answer is still on its way: compared when all are known.
            if (ours is JoinGroupResponseData join && exchange.ReadResponse() is JoinGroupResponseData recorded)
            {
                _substitutions.Learn(recorded.MemberId, join.MemberId);
                _joined.Add((exchange, ours));
            }
            else
            {
                Compare(exchange, ours);
            }
        }
    }

    private void Compare(RecordedExchange exchange, IMessage ours)
    {
        _differences.AddRange(ShapeComparison.Compare(exchange, exchange.ReadResponse(), ours, _substitutions));
        Compared[exchange.Api] = Compared.GetValueOrDefault(exchange.Api) + 1;
    }

    private string? NameOf(Guid recordedId) =>
        broker.NameOf(((Uuid)_substitutions.Translate(Uuid.FromGuid(recordedId))).ToGuid());
}
