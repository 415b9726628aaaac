using System.Buffers.Binary;

namespace OrleansLog.Kafka.Network;

/// <summary>What a client's first four bytes look like.</summary>
internal enum Greeting
{
    /// <summary>A length, as Kafka's clients begin.</summary>
    Kafka,

    /// <summary>A method of HTTP: a browser, a health check, a scraper.</summary>
    Http,

    /// <summary>The first record of a TLS handshake.</summary>
    Tls,
}

/// <summary>Tells clients that knocked at the wrong door.</summary>
internal static class GreetingReader
{
    private const byte TlsHandshake = 0x16;
    private const byte TlsMajorVersion = 0x03;

    /// <summary>Reads four bytes. None of the foreign ones is a length that a broker would take: they are above 369 million.</summary>
    public static Greeting Read(ReadOnlySpan<byte> prefix) =>
        prefix[0] == TlsHandshake && prefix[1] == TlsMajorVersion ? Greeting.Tls
        : IsHttp(BinaryPrimitives.ReadUInt32BigEndian(prefix)) ? Greeting.Http
        : Greeting.Kafka;

    /// <summary>The first four letters of a method.</summary>
    private static bool IsHttp(uint letters) => letters is
        0x47455420 /* GET  */ or 0x48454144 /* HEAD */ or 0x504F5354 /* POST */ or 0x50555420 /* PUT  */ or 0x44454C45 /* DELE */
        or 0x4F505449 /* OPTI */ or 0x434F4E4E /* CONN */ or 0x54524143 /* TRAC */ or 0x50415443 /* PATC */ or 0x50524920 /* PRI  */;
}
