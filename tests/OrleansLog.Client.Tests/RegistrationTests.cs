using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace OrleansLog.Client.Tests;

/// <summary>What a program's registration and configuration lead to.</summary>
public sealed class RegistrationTests
{
    [Fact]
    public async Task A_configuration_section_names_brokers_and_client()
    {
        await using var broker = new FakeKafkaBroker();
        await TalksToAsync(broker, services => services.AddOrleansLogClient(Section($"127.0.0.1:1, {broker.Address}").GetSection("OrleansLog:Client")), "orders");
    }

    [Fact]
    public async Task Without_options_the_programs_configuration_is_read()
    {
        await using var broker = new FakeKafkaBroker();
        await TalksToAsync(broker, services => services.AddSingleton(Section(broker.Address)).AddOrleansLogClient(), "orders");
    }

    [Fact]
    public async Task Options_in_code_name_brokers()
    {
        await using var broker = new FakeKafkaBroker();
        await TalksToAsync(broker, services => services.AddOrleansLogClient(options => options.BootstrapServers = [broker.Address]), "orleanslog");
    }

    [Theory]
    [InlineData("BootstrapServer", "LogClientOptions; did you mean BootstrapServers?")]
    [InlineData("clientid2", "LogClientOptions; did you mean ClientId?")]
    [InlineData("Compression", "LogClientOptions.")]
    public void A_key_that_is_no_option_is_refused_with_what_was_probably_meant(string key, string end)
    {
        var section = new ConfigurationBuilder().AddInMemoryCollection([new($"OrleansLog:Client:{key}", "x")]).Build().GetSection("OrleansLog:Client");
        var error = Assert.Throws<ArgumentException>(() => new ServiceCollection().AddOrleansLogClient(section));
        Assert.Equal($"The configuration has 'OrleansLog:Client:{key}', which is no option of {end}", error.Message);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("localhost:0")]
    [InlineData("localhost:99999")]
    [InlineData("::1:9092")]
    [InlineData("PLAINTEXT://localhost:9092")]
    public void An_address_that_is_none_is_refused_at_once(string address) =>
        Assert.Throws<ArgumentException>(() => new ServiceCollection().AddOrleansLogClient(options => options.BootstrapServers = [address]));

    [Theory]
    [InlineData("[::1]:9092", "::1", 9092)]
    [InlineData("broker.example:19092", "broker.example", 19092)]
    public void Addresses_are_names_or_numbers(string text, string host, int port)
    {
        var address = KafkaAddress.Parse(text);
        Assert.Equal(new KafkaAddress(host, port), address);
        Assert.Equal(text, address.ToString());
    }

    private static IConfiguration Section(string servers) => new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
    {
        ["OrleansLog:Client:BootstrapServers"] = servers,
        ["OrleansLog:Client:ClientId"] = "orders",
    }).Build();

    private static async Task TalksToAsync(FakeKafkaBroker broker, Action<IServiceCollection> register, string clientId)
    {
        var services = new ServiceCollection();
        register(services);
        await using var provider = services.BuildServiceProvider();
        Assert.Equal("fake", (await provider.GetRequiredService<ILogAdmin>().DescribeClusterAsync()).ClusterId);
        Assert.All(broker.Requests, request => Assert.Equal(clientId, request.ClientId));
    }
}
