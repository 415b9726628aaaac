using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace OrleansLog.Kafka.Dispatch;

/// <summary>What a request is called in the log: its API, its version, its client. Made of whatever bytes there are (S12).</summary>
internal static class RequestNames
{
    /// <summary>API key, version, correlation id: the client id lies behind them in every header but ControlledShutdown's first.</summary>
    private const int ClientIdAt = 8;

    /// <summary>Of a client id that a client chose, as much as a line of a log needs.</summary>
    private const int MostCharacters = 64;

    /// <summary>A request by its bytes.</summary>
    public static string Of(ReadOnlySpan<byte> bytes, ApiTable apis)
    {
        if (bytes.Length < 2 * sizeof(short))
            return "without a header";

        var key = BinaryPrimitives.ReadInt16BigEndian(bytes);
        var version = BinaryPrimitives.ReadInt16BigEndian(bytes[sizeof(short)..]);
        var name = apis.Find(key) is { } handler ? handler.ApiKey.ToString() : "API " + key.ToString(CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"{name} version {version} of {OfClient(ClientIdOf(bytes))}");
    }

    /// <summary>A client by its id.</summary>
    public static string OfClient(string? clientId) => clientId is null ? "a client without an id" : $"client '{Printable(clientId, MostCharacters)}'";

    private static string? ClientIdOf(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < ClientIdAt + sizeof(short))
            return null;

        var length = BinaryPrimitives.ReadInt16BigEndian(bytes[ClientIdAt..]);
        var rest = bytes[(ClientIdAt + sizeof(short))..];
        return length < 0 || length > rest.Length ? null : Encoding.UTF8.GetString(rest[..length]);
    }

    /// <summary>A line of a log stays one line, and short.</summary>
    /// <param name="text">What a client chose.</param>
    /// <param name="most">How much of it is told, in characters.</param>
    public static string Printable(string text, int most) => string.Create(Math.Min(text.Length, most), text, static (to, from) =>
    {
        for (var i = 0; i < to.Length; i++)
            to[i] = char.IsControl(from[i]) ? '?' : from[i];
    });
}
