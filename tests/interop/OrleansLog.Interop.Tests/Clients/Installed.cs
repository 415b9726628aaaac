using System.Diagnostics;
using OrleansLog.TestKit;

namespace Interop.Tests.Clients;

/// <summary>Which clients this machine has (tests/run installs them), and how each is started.</summary>
public static class Installed
{
    public const string Confluent = "Confluent.Kafka";
    public const string KafkaJs = "kafkajs";
    public const string Platformatic = "platformatic";
    public const string ConfluentJs = "confluent-js";
    public const string KafkaPython = "kafka-python";
    public const string Kcat = "kcat";

    private const string Python = "/usr/bin/python3";
    private static readonly string NodeFolder = Repository.PathOf("tests", "interop", "node");
    private static readonly string PythonFolder = Repository.PathOf("tests", "interop", "python");
    private static readonly Lazy<int> NodeVersion = new(() => int.TryParse(Run("node", "--version")?.TrimStart('v').Split('.')[0], out var major) ? major : 0);
    private static readonly Lazy<bool> HasKafkaPython = new(() => Run(Python, "-c", "import kafka; print(kafka.__version__)") is not null);
    private static readonly Lazy<bool> HasKcat = new(() => Run("kcat", "-V") is not null);

    /// <summary>The clients that speak the agents' commands, as far as they are here.</summary>
    public static IEnumerable<string> Clients =>
        new[] { Confluent, KafkaJs, Platformatic, ConfluentJs, KafkaPython }.Where(client => WhyNot(client) is null);

    /// <summary>Why a client cannot be tested here, or null.</summary>
    public static string? WhyNot(string client) => client switch
    {
        Confluent => null,
        KafkaPython => HasKafkaPython.Value ? null : $"kafka-python is not there for {Python}: apt-get install python3-kafka",
        Kcat => HasKcat.Value ? null : "kcat is not there: apt-get install kcat",
        _ when NodeVersion.Value == 0 => "node is not there: apt-get install nodejs npm",
        _ when !Directory.Exists(Path.Combine(NodeFolder, "node_modules", "kafkajs")) => "npm ci was not run in tests/interop/node (tests/run does it)",
        Platformatic when NodeVersion.Value < 20 => $"@platformatic/kafka needs node 20, this is {NodeVersion.Value}",
        ConfluentJs when !File.Exists(Path.Combine(NodeFolder, "node_modules/@confluentinc/kafka-javascript/build/Release/confluent-kafka-javascript.node")) =>
            "the native part of @confluentinc/kafka-javascript was not built (tests/run does it; TestResults/npm.log)",
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

    private static string DriverOf(string client) => client == ConfluentJs ? "confluent" : client;

    private static string? Run(string file, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output.Trim() : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
