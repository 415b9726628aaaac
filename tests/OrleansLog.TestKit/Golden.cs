using System.Text.Json;

namespace OrleansLog.TestKit;

/// <summary>Finds and reads tests/golden (its README says what is there).</summary>
public static class Golden
{
    private const string SolutionFile = "OrleansLog.sln";

    private static readonly Lazy<string> RootFolder = new(FindRoot);

    /// <summary>The folder tests/golden of this checkout.</summary>
    public static string Root => RootFolder.Value;

    /// <summary>A path under tests/golden, which has to exist.</summary>
    public static string PathOf(params string[] parts)
    {
        string path = Path.Combine([Root, .. parts]);
        if (!Path.Exists(path)) throw new FileNotFoundException($"There is no golden file {path}.", path);
        return path;
    }

    /// <summary>Every segment file under logs: clean, unclean and torn; paths relative to <see cref="Root"/>, sorted.</summary>
    public static IEnumerable<string> Segments(string state = "") =>
        Directory.EnumerateFiles(PathOf("logs", state), "*.log", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Order(StringComparer.Ordinal);

    /// <summary>A copy of a whole folder for tests that write to it.</summary>
    public static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string folder in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories))
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)), overwrite: true);
    }

    /// <summary>The records in logs/expected/NAME.jsonl, in the order of the file.</summary>
    public static IReadOnlyList<GoldenRecord> Expected(string name) =>
        [.. Lines("logs", "expected", name + ".jsonl").Select(GoldenRecord.Parse)];

    /// <summary>The lines of a .jsonl file as JSON.</summary>
    public static IEnumerable<JsonElement> Lines(params string[] parts) =>
        File.ReadLines(PathOf(parts)).Where(line => line.Length > 0).Select(line => JsonDocument.Parse(line).RootElement);

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, SolutionFile))) return Path.Combine(folder.FullName, "tests", "golden");
        }

        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} has {SolutionFile}.");
    }
}

/// <summary>A record as a Kafka consumer read it.</summary>
public sealed record GoldenRecord(
    int Partition, long Offset, long TimestampMs, string TimestampType, int? LeaderEpoch, byte[]? Key, byte[]? Value,
    IReadOnlyList<(string Key, byte[]? Value)> Headers)
{
    /// <summary>One line of logs/expected.</summary>
    public static GoldenRecord Parse(JsonElement line) => new(
        line.GetProperty("partition").GetInt32(),
        line.GetProperty("offset").GetInt64(),
        line.GetProperty("timestamp").GetInt64(),
        line.GetProperty("timestampType").GetString()!,
        line.TryGetProperty("leaderEpoch", out JsonElement epoch) && epoch.ValueKind == JsonValueKind.Number ? epoch.GetInt32() : null,
        Bytes(line.GetProperty("key")),
        Bytes(line.GetProperty("value")),
        [.. line.GetProperty("headers").EnumerateArray().Select(header => (header[0].GetString()!, Bytes(header[1])))]);

    /// <summary>The whole record as one line, so that a difference shows at a glance.</summary>
    public override string ToString() =>
        $"{Partition}@{Offset} e{LeaderEpoch} {TimestampType}={TimestampMs} key={Show(Key)} value={Show(Value)} " +
        string.Join(' ', Headers.Select(header => $"{header.Key}:{Show(header.Value)}"));

    private static byte[]? Bytes(JsonElement element) =>
        element.ValueKind == JsonValueKind.Null ? null : element.GetBytesFromBase64();

    private static string Show(byte[]? bytes) => bytes is null ? "null" : $"'{Convert.ToBase64String(bytes)}'";
}
