using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Client.Tests;

/// <summary>A request as a <see cref="FakeKafkaBroker"/> got it.</summary>
internal sealed record FakeRequest(ApiKey Key, short Version, int CorrelationId, string? ClientId, Memory<byte> Body, int Connection)
{
    public T Read<T>() where T : class, IMessage<T>
    {
        var reader = new MessageReader(Body);
        return T.Read(ref reader, Version) ?? throw new InvalidOperationException($"{typeof(T).Name}: {reader.Fault}");
    }

    /// <summary>A whole answer: size, header, body.</summary>
    public byte[] Answer<T>(T response, int? correlationId = null) where T : IMessage => Answer(response, Version, correlationId);

    public byte[] Answer<T>(T response, short version, int? correlationId = null) where T : IMessage
    {
        using var buffer = new MessageBuffer();
        buffer.Append(sizeof(int));
        var writer = new MessageWriter(buffer);
        new ResponseHeaderData { CorrelationId = correlationId ?? CorrelationId }.Write(ref writer, ApiCatalog.ResponseHeaderVersion(Key, Version));
        response.Write(ref writer, version);
        buffer.PatchInt32(0, (int)buffer.Length - sizeof(int));
        return buffer.ToArray();
    }
}

/// <summary>A broker of one topic, "t" with three partitions, on a socket of this process; a test forges what it answers.</summary>
internal sealed class FakeKafkaBroker : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Lock _gate = new();
    private readonly HashSet<Socket> _sockets = [];
    private readonly CancellationTokenSource _closing = new();
    private readonly Task<List<Task>> _accepting;
    private Task? _closed;
    private int _connections;
    private long _offset;

    public FakeKafkaBroker()
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    public string Address => $"127.0.0.1:{Port}";

    /// <summary>Asked first: the bytes to send, empty for none, null for the ordinary answer.</summary>
    public Func<FakeRequest, ValueTask<byte[]?>>? OnRequest { get; set; }

    /// <summary>How answers reach the client.</summary>
    public Func<Socket, byte[], ValueTask>? OnSend { get; set; }

    public ConcurrentQueue<FakeRequest> Requests { get; } = new();

    /// <summary>Connections that were ever accepted.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Connections that neither side has closed, as far as the broker knows.</summary>
    public int OpenConnections
    {
        get
        {
            lock (_gate)
                return _sockets.Count;
        }
    }

    public ApiVersionsResponseData Versions { get; set; } = new()
    {
        ApiKeys =
        [
            Api(ApiKey.Produce, 3, 9), Api(ApiKey.Fetch, 4, 12), Api(ApiKey.ListOffsets, 1, 7), Api(ApiKey.Metadata, 0, 12),
            Api(ApiKey.ApiVersions, 0, 3), Api(ApiKey.FindCoordinator, 0, 4),
        ],
    };

    /// <summary>What a fetch finds.</summary>
    public byte[] Records { get; set; } = [];

    public static ApiVersionsResponseData.ApiVersion Api(ApiKey key, short min, short max) =>
        new() { ApiKey = (short)key, MinVersion = min, MaxVersion = max };

    public static ValueTask<byte[]?> Ordinary => new((byte[]?)null);

    public static ValueTask<byte[]?> Nothing => new([]);

    public int Count(ApiKey key) => Requests.Count(request => request.Key == key);

    public void BreakConnections()
    {
        Socket[] open;
        lock (_gate)
            open = [.. _sockets];
        foreach (var socket in open)
            socket.Dispose();
    }

    public MetadataResponseData Metadata() => new()
    {
        ClusterId = "fake",
        ControllerId = 1,
        Brokers = [new MetadataResponseData.MetadataResponseBroker { NodeId = 1, Host = "127.0.0.1", Port = Port }],
        Topics =
        [
            new MetadataResponseData.MetadataResponseTopic
            {
                Name = "t",
                Partitions = [.. Enumerable.Range(0, 3).Select(static i => new MetadataResponseData.MetadataResponsePartition
                {
                    PartitionIndex = i, LeaderId = 1, ReplicaNodes = [1], IsrNodes = [1],
                })],
            },
        ],
    };

    public ValueTask DisposeAsync()
    {
        lock (_gate)
            return new(_closed ??= CloseAsync());
    }

    // Nothing is accepted any more when the connections break: none can come behind that and stay open.
    private async Task CloseAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await _closing.CancelAsync();
        var serving = await _accepting;
        _listener.Dispose();
        BreakConnections();
        await Task.WhenAll(serving);
    }

    private async Task<List<Task>> AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_closing.Token);
                socket.NoDelay = true;
                lock (_gate)
                    _sockets.Add(socket);
                serving.Add(ServeAsync(socket, Interlocked.Increment(ref _connections)));
            }
        }
        catch (OperationCanceledException)
        {
            return serving;
        }
    }

    private async Task ServeAsync(Socket socket, int connection)
    {
        try
        {
            while (await ReadAsync(socket, connection) is { } request)
            {
                Requests.Enqueue(request);
                var answer = (OnRequest is null ? null : await OnRequest(request)) ?? Answer(request);
                if (answer.Length == 0)
                    continue;
                if (OnSend is not null)
                    await OnSend(socket, answer);
                else
                    await socket.SendAsync(answer);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The other end is gone, or this one is.
        }
        finally
        {
            // Also where the test's own answer throws: a client must not wait for what does not come.
            lock (_gate)
                _sockets.Remove(socket);
            socket.Dispose();
        }
    }

    private static async Task<FakeRequest?> ReadAsync(Socket socket, int connection)
    {
        var size = new byte[4];
        if (!await FillAsync(socket, size))
            return null;
        var frame = new byte[BinaryPrimitives.ReadInt32BigEndian(size)];
        if (!await FillAsync(socket, frame))
            return null;
        return Parse(frame, connection);
    }

    private static FakeRequest Parse(byte[] frame, int connection)
    {
        var key = (ApiKey)BinaryPrimitives.ReadInt16BigEndian(frame);
        var version = BinaryPrimitives.ReadInt16BigEndian(frame.AsSpan(2));
        var reader = new MessageReader(frame);
        var header = RequestHeaderData.Read(ref reader, ApiCatalog.RequestHeaderVersion(key, version))!;
        return new FakeRequest(key, version, header.CorrelationId, header.ClientId, reader.Rest, connection);
    }

    private static async Task<bool> FillAsync(Socket socket, Memory<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var count = await socket.ReceiveAsync(buffer);
            if (count == 0)
                return false;
            buffer = buffer[count..];
        }

        return true;
    }

    private byte[] Answer(FakeRequest request) => request.Key switch
    {
        ApiKey.ApiVersions => request.Answer(Versions),
        ApiKey.Metadata => request.Answer(Metadata()),
        ApiKey.Produce => Produce(request),
        ApiKey.Fetch => Fetch(request),
        _ => throw new InvalidOperationException($"{request.Key}"),
    };

    private byte[] Produce(FakeRequest request)
    {
        var data = request.Read<ProduceRequestData>();
        if (data.Acks == 0)
            return [];
        return request.Answer(new ProduceResponseData
        {
            Responses = [.. data.TopicData.Select(topic => new ProduceResponseData.TopicProduceResponse
            {
                Name = topic.Name,
                PartitionResponses = [.. topic.PartitionData.Select(partition => new ProduceResponseData.PartitionProduceResponse
                {
                    Index = partition.Index, BaseOffset = Interlocked.Increment(ref _offset) - 1, LogStartOffset = 0,
                })],
            })],
        });
    }

    private byte[] Fetch(FakeRequest request) => request.Answer(new FetchResponseData
    {
        Responses = [.. request.Read<FetchRequestData>().Topics.Select(topic => new FetchResponseData.FetchableTopicResponse
        {
            Topic = topic.Topic,
            Partitions = [.. topic.Partitions.Select(partition => new FetchResponseData.PartitionData
            {
                PartitionIndex = partition.Partition, HighWatermark = 10, LastStableOffset = 9, LogStartOffset = 1, Records = Records,
            })],
        })],
    });
}
