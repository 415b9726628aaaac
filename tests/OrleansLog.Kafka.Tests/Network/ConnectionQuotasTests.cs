using System.Net;
using Microsoft.Extensions.Time.Testing;
using OrleansLog.Core.Configuration;
using OrleansLog.Kafka.Network;

namespace OrleansLog.Kafka.Tests.Network;

/// <summary>How many connections, and how fast.</summary>
public class ConnectionQuotasTests
{
    [Fact]
    public void Connections_above_the_creation_rate_are_spread_over_time()
    {
        var time = new FakeTimeProvider();
        var quotas = Quotas(time, ("max.connection.creation.rate", "10"));
        Assert.Equal(TimeSpan.Zero, quotas.NextAcceptIn());
        Assert.Equal([100, 200, 300], Enumerable.Range(0, 3).Select(_ => (int)quotas.NextAcceptIn().TotalMilliseconds));
    }

    [Fact]
    public void After_a_pause_a_second_s_worth_comes_at_once_and_no_more()
    {
        var time = new FakeTimeProvider();
        var quotas = Quotas(time, ("max.connection.creation.rate", "10"));
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(10, Enumerable.Range(0, 20).Count(_ => quotas.NextAcceptIn() == TimeSpan.Zero));
    }

    [Fact]
    public void Without_a_rate_nobody_waits()
    {
        var quotas = Quotas(new FakeTimeProvider());
        Assert.All(Enumerable.Range(0, 1000), _ => Assert.Equal(TimeSpan.Zero, quotas.NextAcceptIn()));
    }

    [Fact]
    public void An_address_has_its_own_bound_and_room_comes_when_a_connection_ends()
    {
        var quotas = Quotas(new FakeTimeProvider(), ("max.connections", "2"), ("max.connections.per.ip", "1"));
        Assert.True(quotas.TryAdd(IPAddress.Loopback, out _));
        Assert.False(quotas.TryAdd(IPAddress.Loopback, out _));
        Assert.Null(quotas.WhenThereIsRoom());
        Assert.True(quotas.TryAdd(IPAddress.IPv6Loopback, out _));
        var room = quotas.WhenThereIsRoom();
        Assert.False(room!.IsCompleted);
        quotas.Remove(IPAddress.Loopback);
        Assert.True(room.IsCompleted);
        Assert.Equal(1, quotas.Count);
    }

    private static ConnectionQuotas Quotas(TimeProvider time, params (string Key, string Value)[] settings)
    {
        var config = BrokerConfig.Parse(settings.ToDictionary(setting => setting.Key, setting => setting.Value)).Value!;
        return new ConnectionQuotas(() => config, time);
    }
}
