using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using OrleansLog.Grains;
using OrleansLog.Kafka.Replication;
using OrleansLog.Kafka.Tests.Network;
using OrleansLog.Protocol;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Tests.Replication;

/// <summary>The port for the other brokers: it serves brokers of the cluster, and nobody else.</summary>
public class ReplicationListenerTests(SharedBroker shared) : IClassFixture<SharedBroker>
{
    private BrokerHost Host => shared.Broker.Services.GetRequiredService<BrokerHost>();

    private string Secret => shared.Broker.Services.GetRequiredService<MetadataCache>().Current.ClusterSecret;

    private DnsEndPoint Endpoint => new(Host.ReplicationEndpoint!.Host, Host.ReplicationEndpoint.Port);

    [Fact]
    public async Task A_broker_of_the_cluster_is_served()
    {
        await shared.Broker.CreateTopicAsync("followed");
        var topicId = shared.Broker.Services.GetRequiredService<MetadataCache>().Current.FindTopic("followed")!.Id;
        using var connection = await ConnectAsync(Secret);

        // It is no replica of this partition: the leader's metadata may be behind, as far as it knows.
        var answer = await FetchAsync(connection, brokerId: 7, epoch: 1000, topicId);

        Assert.Equal(ErrorCode.None, answer.ErrorCode);
        Assert.Equal(ErrorCode.UnknownLeaderEpoch, answer.Responses.Single().Partitions.Single().ErrorCode);
    }

    [Fact]
    public async Task Who_does_not_have_the_secret_finds_out_that_it_is_another_cluster_and_is_cut_off()
    {
        Assert.Contains("has not proven", (await Assert.ThrowsAsync<PeerException>(() => ConnectAsync("wrong"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_skips_the_proof_gets_nothing()
    {
        using var client = await RawClient.ConnectAsync(IPEndPoint.Parse($"{Endpoint.Host}:{Endpoint.Port}"));
        var request = new FetchRequestData { ReplicaState = new() { ReplicaId = 7, ReplicaEpoch = 1000 } };

        var answer = await client.AskAsync<FetchRequestData, FetchResponseData>(request, ReplicaFetchHandler.Version);

        Assert.Equal(ErrorCode.ClusterAuthorizationFailed, answer.ErrorCode);
        await client.AssertClosedAsync();
    }

    [Fact]
    public async Task Who_proves_to_be_one_broker_cannot_fetch_as_another()
    {
        using var connection = await ConnectAsync(Secret);

        var answer = await FetchAsync(connection, brokerId: 8, epoch: 1000, Guid.NewGuid());

        Assert.Equal(ErrorCode.ClusterAuthorizationFailed, answer.ErrorCode);
        await Assert.ThrowsAsync<SocketException>(async () => (await connection.ReceiveAsync(CancellationToken.None)).Dispose());
    }

    [Fact]
    public async Task A_client_cannot_pass_for_a_replica_at_a_listener_for_clients()
    {
        using var client = await shared.Broker.ConnectAsync();
        var answer = await client.SendAsync<FetchResponseData>(
            new FetchRequestData { ReplicaState = new() { ReplicaId = 1, ReplicaEpoch = Host.BrokerEpoch } }, ReplicaFetchHandler.Version);
        Assert.Equal(ErrorCode.ClusterAuthorizationFailed, answer.ErrorCode);
    }

    private Task<PeerConnection> ConnectAsync(string secret) =>
        PeerConnection.ConnectAsync(Endpoint, Host.BrokerId, (7, 1000), secret, receiveBufferBytes: -1, answerMaxBytes: 1 << 20, new SilenceWatch(0), CancellationToken.None);

    private static async Task<FetchResponseData> FetchAsync(PeerConnection connection, int brokerId, long epoch, Guid topicId)
    {
        var request = new FetchRequestData { ReplicaState = new() { ReplicaId = brokerId, ReplicaEpoch = epoch }, MaxBytes = 1 << 20, SessionEpoch = 0 };
        var topic = new FetchRequestData.FetchTopic { TopicId = Uuid.FromGuid(topicId) };
        topic.Partitions.Add(new() { Partition = 0, CurrentLeaderEpoch = 0, PartitionMaxBytes = 1 << 20 });
        request.Topics.Add(topic);
        await connection.SendAsync(request, ApiKey.Fetch, ReplicaFetchHandler.Version, CancellationToken.None);
        using var answer = await connection.ReceiveAsync(CancellationToken.None);
        return answer.Read(FetchResponseData.Read, ApiKey.Fetch, ReplicaFetchHandler.Version);
    }
}
