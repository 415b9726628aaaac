using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Bench.References;

/// <summary>
/// Looks like a broker with one endless topic: every fetch gets the same recorded batches, with the base offsets that it
/// asked for. It shows how fast a client can consume.
/// </summary>
internal sealed class RecordedFetchServer
{
    private const int RequestMaxBytes = 1 << 20;
    private const long EndOffset = 1L << 60;

    /// <summary>Produce is only named: librdkafka takes a broker without its version 3 for one that knows no batches of magic 2.</summary>
    private static readonly (ApiKey Key, short Min, short Max)[] Served =
        [(ApiKey.Produce, 0, 10), (ApiKey.Fetch, 4, 12), (ApiKey.ListOffsets, 1, 7), (ApiKey.Metadata, 0, 12), (ApiKey.ApiVersions, 0, 3)];

    private readonly string _topic;
    private readonly int _partitions;
    private readonly int _port;
    private readonly Socket _socket;
    private readonly byte[] _request = new byte[RequestMaxBytes];
    private readonly byte[][] _records;
    private readonly MessageBuffer _answer = new();

    private RecordedFetchServer(Socket socket, int port, byte[] recorded, string topic, int partitions)
    {
        (_socket, _port, _topic, _partitions) = (socket, port, topic, partitions);
        _records = [.. Enumerable.Range(0, partitions).Select(_ => recorded.ToArray())];
    }

    /// <param name="path">Recorded batches of one partition.</param>
    /// <param name="topic">Name of the topic.</param>
    /// <param name="partitions">Its partitions, all alike.</param>
    public static void Start(string path, string topic, int partitions)
    {
        var recorded = File.ReadAllBytes(path);
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        ReferenceServer.Announce(port);
        new Thread(() =>
        {
            while (true)
            {
                var socket = listener.Accept();
                socket.NoDelay = true;
                new Thread(new RecordedFetchServer(socket, port, recorded, topic, partitions).Serve) { IsBackground = true }.Start();
            }
        })
        { IsBackground = true }.Start();
    }

    private void Serve()
    {
        using var _ = _socket;
        try
        {
            while (TryFill(sizeof(int)))
            {
                var length = BinaryPrimitives.ReadInt32BigEndian(_request);
                if (!TryFill(length))
                    return;

                Answer(_request.AsMemory(0, length));
                foreach (var segment in _answer.Segments)
                    _socket.Send(segment.Span);

                _answer.Clear();
            }
        }
        catch (SocketException)
        {
            // The client has gone.
        }
    }

    private void Answer(Memory<byte> request)
    {
        var key = (ApiKey)BinaryPrimitives.ReadInt16BigEndian(request.Span);
        var version = BinaryPrimitives.ReadInt16BigEndian(request.Span[2..]);
        var correlationId = BinaryPrimitives.ReadInt32BigEndian(request.Span[4..]);
        if (key == ApiKey.ApiVersions)
        {
            var known = version <= 3;
            var answer = new ApiVersionsResponseData { ErrorCode = known ? Protocol.ErrorCode.None : Protocol.ErrorCode.UnsupportedVersion };
            foreach (var (served, min, max) in Served)
                answer.ApiKeys.Add(new() { ApiKey = (short)served, MinVersion = min, MaxVersion = max });

            MessageFrame.WriteResponse(_answer, answer, known ? version : (short)0, correlationId);
            return;
        }

        var reader = new MessageReader(request);
        _ = RequestHeaderData.Read(ref reader, ApiCatalog.RequestHeaderVersion(key, version));
        switch (key)
        {
            case ApiKey.Metadata:
                MessageFrame.WriteResponse(_answer, Metadata(), version, correlationId);
                break;
            case ApiKey.ListOffsets:
                MessageFrame.WriteResponse(_answer, Offsets(ListOffsetsRequestData.Read(ref reader, version)!), version, correlationId);
                break;
            default:
                MessageFrame.WriteResponse(_answer, Fetch(FetchRequestData.Read(ref reader, version)!), version, correlationId);
                break;
        }
    }

    private MetadataResponseData Metadata()
    {
        var topic = new MetadataResponseData.MetadataResponseTopic { Name = _topic };
        for (var i = 0; i < _partitions; i++)
            topic.Partitions.Add(new() { PartitionIndex = i, LeaderId = 1, LeaderEpoch = 0, ReplicaNodes = [1], IsrNodes = [1] });

        return new() { Brokers = [new() { NodeId = 1, Host = "127.0.0.1", Port = _port }], ClusterId = "recorded", ControllerId = 1, Topics = [topic] };
    }

    private static ListOffsetsResponseData Offsets(ListOffsetsRequestData request) => new()
    {
        Topics = [.. request.Topics.Select(topic => new ListOffsetsResponseData.ListOffsetsTopicResponse
        {
            Name = topic.Name,
            Partitions = [.. topic.Partitions.Select(partition => new ListOffsetsResponseData.ListOffsetsPartitionResponse
            {
                PartitionIndex = partition.PartitionIndex, Offset = partition.Timestamp == -1 ? EndOffset : 0, LeaderEpoch = 0,
            })],
        })],
    };

    private FetchResponseData Fetch(FetchRequestData request)
    {
        var answer = new FetchResponseData();
        foreach (var topic in request.Topics)
        {
            var partitions = new FetchResponseData.FetchableTopicResponse { Topic = topic.Topic, TopicId = topic.TopicId };
            foreach (var wanted in topic.Partitions)
            {
                partitions.Partitions.Add(new()
                {
                    PartitionIndex = wanted.Partition,
                    HighWatermark = EndOffset,
                    LastStableOffset = EndOffset,
                    LogStartOffset = 0,
                    Records = Recorded(wanted.Partition, wanted.FetchOffset),
                });
            }

            answer.Responses.Add(partitions);
        }

        return answer;
    }

    /// <summary>The batches from an offset on: the base offset lies outside of a batch's checksum.</summary>
    private Memory<byte> Recorded(int partition, long offset)
    {
        var bytes = _records[partition];
        for (var at = 0; at < bytes.Length;)
        {
            var batch = bytes.AsSpan(at);
            BinaryPrimitives.WriteInt64BigEndian(batch, offset);
            offset += BinaryPrimitives.ReadInt32BigEndian(batch[57..]);
            at += 12 + BinaryPrimitives.ReadInt32BigEndian(batch[8..]);
        }

        return bytes;
    }

    private bool TryFill(int bytes)
    {
        for (var filled = 0; filled < bytes;)
        {
            var received = _socket.Receive(_request, filled, bytes - filled, SocketFlags.None);
            if (received == 0)
                return false;

            filled += received;
        }

        return true;
    }
}
