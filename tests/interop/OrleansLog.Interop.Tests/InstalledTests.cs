using Interop.Tests.Clients;

namespace Interop.Tests;

/// <summary>A client that is missing is one skipped test with its reason, instead of silence.</summary>
public class InstalledTests
{
    [NeedsClient(Installed.KafkaJs)]
    public void kafkajs_is_tested() => Assert.Contains(Installed.KafkaJs, Installed.Clients);

    [NeedsClient(Installed.Platformatic)]
    public void Platformatic_kafka_is_tested() => Assert.Contains(Installed.Platformatic, Installed.Clients);

    [NeedsClient(Installed.ConfluentJs)]
    public void Confluent_kafka_javascript_is_tested() => Assert.Contains(Installed.ConfluentJs, Installed.Clients);

    [NeedsClient(Installed.KafkaPython)]
    public void Kafka_python_is_tested() => Assert.Contains(Installed.KafkaPython, Installed.Clients);

    [NeedsClient(Installed.Kcat)]
    public void Kcat_is_tested() => Assert.Null(Installed.WhyNot(Installed.Kcat));
}

/// <summary>Skipped, with the reason, where the client is not on this machine.</summary>
public sealed class NeedsClientAttribute : FactAttribute
{
    public NeedsClientAttribute(string client) => Skip = Installed.WhyNot(client)!;
}
