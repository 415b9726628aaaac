using OrleansLog.TestKit;
using OrleansLog.TestKit.Processes;

namespace OrleansLog.Cluster.Tests;

/// <summary>The built command line against a silo, through a shell, so that bytes go through real pipes and files.</summary>
internal sealed class Olog(string bootstrapServers)
{
    private static readonly string Assembly = Repository.Built("client/OrleansLog.Cli", "olog.dll");

    public Task<CommandResult> RunAsync(params string[] arguments) =>
        ChildProcess.RunAsync("dotnet", [Assembly, .. arguments, "--bootstrap-server", bootstrapServers, .. OlogArguments.Patient]);

    /// <summary>Starts it, for what has no end of its own.</summary>
    public ChildProcess Start(params string[] arguments) =>
        ChildProcess.Start("dotnet", [Assembly, .. arguments, "--bootstrap-server", bootstrapServers, .. OlogArguments.Patient]);

    /// <summary>Runs <c>olog ... &lt; input &gt; output</c>.</summary>
    public Task<CommandResult> PipeAsync(string? input, string output, params string[] arguments) =>
        ChildProcess.RunAsync("sh",
            ["-c", "input=$1 output=$2; shift 2; exec dotnet \"$@\" <\"$input\" >\"$output\"", "sh", input ?? "/dev/null", output, Assembly, .. arguments, "--bootstrap-server", bootstrapServers, .. OlogArguments.Patient]);
}
