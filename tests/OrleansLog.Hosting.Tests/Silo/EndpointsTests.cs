using System.Net;
using System.Net.Sockets;
using OrleansLog.Core.Configuration;
using OrleansLog.Silo;

namespace OrleansLog.Hosting.Tests.Silo;

public class EndpointsTests
{
    [Fact]
    public void Only_this_machine_is_served_and_no_web_page_unless_asked_for()
    {
        var endpoints = Endpoints.Of(BrokerConfig.Default);
        Assert.Equal(IPAddress.Loopback, endpoints.Listen);
        Assert.Null(endpoints.Http);
    }

    [Theory]
    [InlineData("orleanslog.http.address", "8080")]
    [InlineData("orleanslog.http.address", "localhost:0")]
    [InlineData("orleanslog.http.address", "example.org:80")]
    [InlineData("orleanslog.listen.address", "everywhere")]
    [InlineData("orleanslog.gateway.port", "11111")]
    public void An_address_that_cannot_be_is_refused_with_what_is_expected(string key, string value)
    {
        var config = BrokerConfig.Parse(new Dictionary<string, string> { [key] = value }).Value;
        Assert.Contains(value, Assert.Throws<StartException>(() => Endpoints.Of(config)).Message);
    }

    [Theory]
    [InlineData("off", null)]
    [InlineData("127.0.0.1:8080", "127.0.0.1:8080")]
    [InlineData("localhost:8080", "127.0.0.1:8080")]
    [InlineData("[::1]:8080", "[::1]:8080")]
    public void The_web_address_is_read(string text, string? expected)
    {
        var config = BrokerConfig.Parse(new Dictionary<string, string> { ["orleanslog.http.address"] = text }).Value;
        Assert.Equal(expected, Endpoints.Of(config).Http?.ToString());
    }

    [Fact]
    public void A_silo_that_is_only_a_controller_has_no_gateway_for_clients()
    {
        var config = BrokerConfig.Parse(new Dictionary<string, string> { ["process.roles"] = "controller", ["orleanslog.gateway.port"] = "11111" }).Value;
        Assert.Equal((11_111, 0), (Endpoints.Of(config).SiloPort, Endpoints.Of(config).GatewayPort));
    }

    [Fact]
    public void A_port_in_use_is_told_with_the_option_that_changes_it()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var endpoints = new Endpoints(IPAddress.Loopback, port, port - 1, null);
        Assert.Contains($"silo port 127.0.0.1:{port} is in use", Assert.Throws<StartException>(endpoints.MustBeFree).Message);
    }
}
