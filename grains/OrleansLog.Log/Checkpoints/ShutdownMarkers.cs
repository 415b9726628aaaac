using System.Globalization;
using System.Text.Json;

namespace OrleansLog.Log;

/// <summary>
/// What one run leaves for the next: Kafka's <c>.kafka_cleanshutdown</c>, only after a clean stop, and our own
/// <c>orleanslog.session</c> from the start on, with the machine's boot id and the broker epoch (D11).
/// </summary>
internal sealed class ShutdownMarkers(IDisk disk, string directory)
{
    private const string CleanName = ".kafka_cleanshutdown";
    private const string SessionName = "orleanslog.session";

    private string CleanPath => Path.Combine(directory, CleanName);

    private string SessionPath => Path.Combine(directory, SessionName);

    internal bool HasCleanMarker => disk.FileExists(CleanPath);

    /// <summary>Durably, also where it is gone already: whoever removed it may have died, or failed, before the sync.</summary>
    internal void RemoveCleanMarker()
    {
        if (HasCleanMarker)
            disk.Delete(CleanPath);
        disk.SyncDirectory(directory);
    }

    internal void WriteCleanMarker(long brokerEpoch) =>
        AtomicFile.Write(disk, CleanPath, string.Create(CultureInfo.InvariantCulture, $"{{\"version\":0,\"brokerEpoch\":{brokerEpoch}}}"));

    /// <summary>The broker epoch in the clean marker; -1 where there is none (markers before KIP-966 are empty).</summary>
    internal long ReadCleanBrokerEpoch()
    {
        try
        {
            string? text = AtomicFile.TryRead(disk, CleanPath);
            if (string.IsNullOrWhiteSpace(text))
                return -1;
            using JsonDocument document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("brokerEpoch", out JsonElement epoch) && epoch.TryGetInt64(out long value) ? value : -1;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or CheckpointFormatException)
        {
            return -1;
        }
    }

    internal void WriteSession(string bootId, long brokerEpoch) =>
        AtomicFile.Write(disk, SessionPath, PropertiesText.Format(
            ("version", "0"), ("boot.id", bootId), ("broker.epoch", brokerEpoch.ToString(CultureInfo.InvariantCulture))));

    /// <summary>The last run's boot id and broker epoch; ("", -1) where unknown, which counts as the worst case.</summary>
    internal (string BootId, long BrokerEpoch) ReadSession()
    {
        try
        {
            string? text = AtomicFile.TryRead(disk, SessionPath);
            if (text is null)
                return ("", -1);
            Dictionary<string, string> entries = PropertiesText.Parse(SessionPath, text);
            bool hasEpoch = long.TryParse(
                entries.GetValueOrDefault("broker.epoch"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long epoch);
            return (entries.GetValueOrDefault("boot.id") ?? "", hasEpoch ? epoch : -1);
        }
        catch (CheckpointFormatException)
        {
            return ("", -1);
        }
    }
}
