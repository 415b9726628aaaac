using System.Reflection;
using Interop.Tests.Clients;
using Xunit.Sdk;

namespace Interop.Tests;

/// <summary>A client that is missing, or a codec that one lacks here, is one skipped test with its reason, instead of silence.</summary>
public class InstalledTests
{
    [Theory]
    [Here(Installed.KafkaJs)]
    [Here(Installed.Platformatic)]
    [Here(Installed.ConfluentJs)]
    [Here(Installed.KafkaPython)]
    [Here(Installed.Kcat)]
    public void A_client_is_tested(string client) => Assert.Null(Installed.WhyNot(client));

    [Theory]
    [CodecHere(Installed.Platformatic, "zstd")]
    [CodecHere(Installed.KafkaPython, "snappy")]
    [CodecHere(Installed.KafkaPython, "lz4")]
    [CodecHere(Installed.KafkaPython, "zstd")]
    [CodecHere(Installed.Kcat, "gzip")]
    [CodecHere(Installed.Kcat, "snappy")]
    [CodecHere(Installed.Kcat, "lz4")]
    [CodecHere(Installed.Kcat, "zstd")]
    public void A_codec_of_a_client_is_tested(string client, string codec) => Assert.Null(Installed.WhyNot(client, codec));
}

/// <summary>A row for a client; skipped, with the reason, where it is not on this machine.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class HereAttribute : DataAttribute
{
    private readonly string _client;

    public HereAttribute(string client)
    {
        _client = client;
        Skip = Installed.WhyNot(client)!;
    }

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => Installed.IsMeant(_client) ? [[_client]] : [];
}

/// <summary>A row for a codec of a client that is here; skipped, with the reason, where the client lacks it.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class CodecHereAttribute : DataAttribute
{
    private readonly string _client;
    private readonly string _codec;

    public CodecHereAttribute(string client, string codec)
    {
        (_client, _codec) = (client, codec);
        Skip = Installed.WhyNot(client, codec)!;
    }

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => Installed.WhyNot(_client) is null ? [[_client, _codec]] : [];
}

/// <summary>Skipped, with the reason, where the client is not on this machine.</summary>
public sealed class NeedsClientAttribute : FactAttribute
{
    public NeedsClientAttribute(string client) => Skip = Installed.WhyNot(client)!;
}

/// <summary>The same for a theory.</summary>
public sealed class TheoryWithClientAttribute : TheoryAttribute
{
    public TheoryWithClientAttribute(string client) => Skip = Installed.WhyNot(client)!;
}
