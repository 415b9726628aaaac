using System.Text.RegularExpressions;
using OrleansLog.TestKit;

namespace Interop.Tests.Clients;

/// <summary>Which clients this machine has (tests/run installs them), and how each is started.</summary>
public static partial class Installed
{
    public const string Confluent = "Confluent.Kafka";
    public const string KafkaJs = "kafkajs";
    public const string Platformatic = "platformatic";
    public const string ConfluentJs = "confluent-js";
    public const string KafkaPython = "kafka-python";
    public const string Kcat = "kcat";

    private const string Python = "/usr/bin/python3";
    private const int PlatformaticNode = 20;
    private static readonly string NodeFolder = Repository.PathOf("tests", "interop", "node");
    private static readonly string NativeFolder = Repository.PathOf("tests", "interop", "node-native");
    private static readonly string PythonFolder = Repository.PathOf("tests", "interop", "python");
    private static readonly Lazy<string?> Node = new(() => Tool.Output("node", "-p", "process.versions.node + (zlib.zstdCompressSync ? ' zstd' : '')"));
    private static readonly Lazy<string?> KafkaPythonCodecs = new(() => Tool.Output(Python, Path.Combine(PythonFolder, "codecs_here.py")));
    private static readonly Lazy<string?> KcatFeatures = new(() => Tool.Output("kcat", "-V"));

    /// <summary>The clients that speak the agents' commands, as far as they are here.</summary>
    public static IEnumerable<string> Clients =>
        new[] { Confluent, KafkaJs, Platformatic, ConfluentJs, KafkaPython }.Where(client => IsMeant(client) && WhyNot(client) is null);

    /// <summary>False for a client that only long runs try: one takes minutes to build.</summary>
    public static bool IsMeant(string client) => client != ConfluentJs || Repository.LongRuns;

    /// <summary>Why a client cannot be tested here, or null. What was installed or built by half is not there.</summary>
    public static string? WhyNot(string client) => client switch
    {
        Confluent => null,
        KafkaPython => KafkaPythonCodecs.Value is not null ? null : $"kafka-python is not there for {Python}: apt-get install python3-kafka",
        Kcat => KcatFeatures.Value is not null ? null : "kcat is not there: apt-get install kcat",
        _ when Node.Value is null => "node is not there: apt-get install nodejs npm",
        _ when !File.Exists(Path.Combine(NodeFolder, "node_modules", ".package-lock.json")) =>
            "npm ci --ignore-scripts did not run to its end in tests/interop/node (tests/run does it)",
        Platformatic when NodeMajor < PlatformaticNode => $"@platformatic/kafka needs node {PlatformaticNode}, this is {Node.Value}",
        ConfluentJs when !File.Exists(Path.Combine(NativeFolder, "node_modules", ".built")) =>
            "@confluentinc/kafka-javascript was not built in tests/interop/node-native (tests/run --long does it; TestResults/npm.log)",
        _ => null,
    };

    /// <summary>Why a client that is here cannot be tested with a codec, or null.</summary>
    public static string? WhyNot(string client, string codec) => (client, codec) switch
    {
        (KafkaPython, _) when !Has(KafkaPythonCodecs.Value, codec) =>
            $"kafka-python has no {codec} here: apt-get install python3-{(codec == "zstd" ? "zstandard" : codec)}",
        (Kcat, not "none") when !Has(KcatFeatures.Value, codec) => $"this kcat is built without {codec}",
        (Platformatic, "zstd") when !Has(Node.Value, codec) => $"node {Node.Value} has no zstd for @platformatic/kafka, 22.15 and later have",
        _ => null,
    };

    /// <summary>Starts a client; disposing it ends it without a word to the broker.</summary>
    public static async Task<IInteropClient> StartAsync(string client, string bootstrapServers) => client switch
    {
        Confluent => new ConfluentClient(bootstrapServers),
        KafkaPython => await StartPythonAsync(bootstrapServers),
        _ => await AgentClient.StartAsync("node", ["agent.mjs", DriverOf(client), bootstrapServers], NodeFolder),
    };

    /// <summary>kafka-python, told to take the broker for one of an older version.</summary>
    public static async Task<IInteropClient> StartPythonAsync(string bootstrapServers, params string[] apiVersion) =>
        await AgentClient.StartAsync(Python, ["agent.py", bootstrapServers, .. apiVersion], PythonFolder);

    private static int NodeMajor => int.TryParse(Node.Value?.Split('.')[0], out var major) ? major : 0;

    private static string DriverOf(string client) => client == ConfluentJs ? "../node-native/confluent.mjs" : $"./{client}.mjs";

    private static bool Has(string? listed, string word) => listed is not null && Word().Matches(listed).Any(match => match.Value == word);

    [GeneratedRegex("[a-z0-9_]+")]
    private static partial Regex Word();
}
