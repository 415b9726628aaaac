using System.Net;
using System.Net.Sockets;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Tests.Admin;

/// <summary>D9: a client that reaches the brokers through one forwarded port only.</summary>
public sealed class GatewayTests
{
    [Fact]
    public async Task A_client_behind_a_port_forward_is_only_ever_told_of_that_port()
    {
        using var forward = new TcpListener(IPAddress.Loopback, 0);
        forward.Start();
        var port = ((IPEndPoint)forward.LocalEndpoint).Port;
        await using var broker = await KafkaBroker.StartAsync(("orleanslog.gateway", "true"), ("advertised.listeners", $"PLAINTEXT://localhost:{port}"));
        var forwarding = ForwardOneAsync(forward, broker.Endpoint);
        using (var client = await KafkaClient.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port)))
        {
            var created = await client.SendAsync<CreateTopicsResponseData>(
                new CreateTopicsRequestData { Topics = [new() { Name = "behind", NumPartitions = 1, ReplicationFactor = 1 }] }, 7);
            var metadata = await client.SendAsync<MetadataResponseData>(new MetadataRequestData { Topics = null }, 12);
            var cluster = await client.SendAsync<DescribeClusterResponseData>(new DescribeClusterRequestData(), 2);
            var deleted = await client.SendAsync<DeleteRecordsResponseData>(
                new DeleteRecordsRequestData { Topics = [new() { Name = "behind", Partitions = [new() { PartitionIndex = 0, Offset = -1 }] }] }, 2);

            Assert.Equal(ErrorCode.None, created.Topics[0].ErrorCode);
            Assert.Equal(("localhost", port), Assert.Single(metadata.Brokers.Select(node => (node.Host, node.Port))));
            Assert.Equal(("localhost", port), Assert.Single(cluster.Brokers.Select(node => (node.Host, node.Port))));
            Assert.Equal(ErrorCode.None, deleted.Topics[0].Partitions[0].ErrorCode);
        }

        await forwarding;
    }

    private static async Task ForwardOneAsync(TcpListener forward, IPEndPoint target)
    {
        using var inside = await forward.AcceptTcpClientAsync();
        using var outside = new TcpClient();
        await outside.ConnectAsync(target);
        var answers = outside.GetStream().CopyToAsync(inside.GetStream());
        await inside.GetStream().CopyToAsync(outside.GetStream());
        outside.Client.Shutdown(SocketShutdown.Send);
        await answers.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
