using OrleansLog.Core.Configuration;

namespace OrleansLog.Core.Tests.Configuration;

public class ListenerSettingsTests
{
    [Fact]
    public void The_default_is_one_listener_on_loopback()
    {
        var listener = Assert.Single(BrokerConfig.Default.Listeners);
        Assert.Equal(("PLAINTEXT", "PLAINTEXT", "127.0.0.1", 9092, null), (listener.Name, listener.Protocol, listener.Host, listener.Port, listener.AdvertisedHost));
        Assert.False(listener.IsWildcard);
    }

    [Fact]
    public void An_empty_list_switches_the_listener_off() => Assert.Empty(Read(("listeners", "")).Value.Listeners);

    [Fact]
    public void Several_listeners_have_names_protocols_and_advertised_addresses()
    {
        var listeners = Read(
            ("listeners", "INTERNAL://10.0.0.1:9092,EXTERNAL://[::]:19092,CONTROLLER://:9093"),
            ("listener.security.protocol.map", "INTERNAL:PLAINTEXT,EXTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT"),
            ("advertised.listeners", "EXTERNAL://broker.example:29092")).Value.Listeners;

        Assert.Equal(["INTERNAL", "EXTERNAL"], listeners.Select(one => one.Name));
        Assert.Equal((null, 0), (listeners[0].AdvertisedHost, listeners[0].AdvertisedPort));
        Assert.Equal(("broker.example", 29092, true), (listeners[1].AdvertisedHost, listeners[1].AdvertisedPort, listeners[1].IsWildcard));
    }

    [Theory]
    [InlineData("listeners", "127.0.0.1:9092")]
    [InlineData("listeners", "PLAINTEXT://127.0.0.1")]
    [InlineData("listeners", "PLAINTEXT://127.0.0.1:99999")]
    [InlineData("listeners", "PLAINTEXT://127.0.0.1:9092,PLAINTEXT://127.0.0.1:9093")]
    [InlineData("listeners", "OTHER://127.0.0.1:9092")]
    [InlineData("listeners", "SSL://127.0.0.1:9092")]
    [InlineData("listeners", "SASL_PLAINTEXT://127.0.0.1:9092")]
    [InlineData("advertised.listeners", "PLAINTEXT://0.0.0.0:9092")]
    [InlineData("advertised.listeners", "SSL://broker.example:9093")]
    [InlineData("listener.security.protocol.map", "PLAINTEXT:NONE")]
    public void What_cannot_be_served_is_refused_with_its_key(string key, string value)
    {
        var config = Read((key, value));
        Assert.False(config.IsValid);
        Assert.Contains(config.Errors, error => error.Name == key);
    }

    [Fact]
    public void Overrides_of_single_addresses_are_read()
    {
        var overrides = Read(("max.connections.per.ip.overrides", "127.0.0.1:5,[::1]:7")).Value.MaxConnectionsPerIpOverrides;
        Assert.Equal((5, 7), (overrides["127.0.0.1"], overrides["::1"]));
    }

    private static ConfigResult<BrokerConfig> Read(params (string Key, string Value)[] settings) =>
        BrokerConfig.Parse(settings.Select(one => new ConfigSetting(one.Key, one.Value)));
}
