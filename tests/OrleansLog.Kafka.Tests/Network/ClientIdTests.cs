using System.Buffers.Binary;
using OrleansLog.Kafka.Tests.Groups;
using OrleansLog.Protocol;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Tests.Network;

/// <summary>A client calls itself what it likes, in any bytes.</summary>
public sealed class ClientIdTests(GroupsBroker groups) : IClassFixture<GroupsBroker>
{
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Bytes_that_are_not_utf8_do_not_end_the_connection(short version)
    {
        using var client = await groups.Broker.ConnectRawAsync();
        var request = new ApiVersionsRequestData { ClientSoftwareName = "a", ClientSoftwareVersion = "1" };

        await client.SendAsync(Named(RawClient.Frame(request, version, 7), [0xff, (byte)'a', 0xc3]));

        Assert.Equal(ErrorCode.None, (await client.ReceiveAsync<ApiVersionsResponseData>(version, 7)).ErrorCode);
    }

    /// <summary>U+FFFD has three bytes where there was one, and a member's record room for 32,767.</summary>
    [Theory]
    [InlineData(2, 2)]
    [InlineData(short.MaxValue, short.MaxValue / 3)]
    public async Task A_member_is_known_by_what_could_be_read_of_its_id(int bytes, int characters)
    {
        using var client = await groups.Broker.ConnectRawAsync();
        var group = $"named-{bytes}";
        await client.AskAsync<FindCoordinatorRequestData, FindCoordinatorResponseData>(new() { Key = group }, 2);
        var join = new JoinGroupRequestData
        {
            GroupId = group,
            ProtocolType = "consumer",
            SessionTimeoutMs = 10_000,
            RebalanceTimeoutMs = 20_000,
            Protocols = [new() { Name = "range", Metadata = new byte[] { 1 } }],
        };
        await client.SendAsync(Named(RawClient.Frame(join, 3, 0), [.. Enumerable.Repeat((byte)0xff, bytes)]));
        var joined = await client.ReceiveAsync<JoinGroupResponseData>(3);
        Assert.Equal(ErrorCode.None, joined.ErrorCode);

        var sync = new SyncGroupRequestData { GroupId = group, MemberId = joined.MemberId, GenerationId = 1, Assignments = [] };
        Assert.Equal(ErrorCode.None, (await client.AskAsync<SyncGroupRequestData, SyncGroupResponseData>(sync, 2)).ErrorCode);
        var described = await client.AskAsync<DescribeGroupsRequestData, DescribeGroupsResponseData>(new() { Groups = [group] }, 3);
        Assert.Equal(new string('\uFFFD', characters), Assert.Single(described.Groups[0].Members).ClientId);
    }

    /// <summary>The frame of a request under another client id.</summary>
    private static byte[] Named(byte[] frame, byte[] clientId)
    {
        const int Header = 12;
        var rest = frame.AsSpan(Header + sizeof(short) + "test".Length);
        var named = new byte[Header + sizeof(short) + clientId.Length + rest.Length];
        frame.AsSpan(0, Header).CopyTo(named);
        BinaryPrimitives.WriteInt32BigEndian(named, named.Length - sizeof(int));
        BinaryPrimitives.WriteInt16BigEndian(named.AsSpan(Header), (short)clientId.Length);
        clientId.CopyTo(named, Header + sizeof(short));
        rest.CopyTo(named.AsSpan(Header + sizeof(short) + clientId.Length));
        return named;
    }
}
