using System.Security;
using OrleansLog.TestKit;
using OrleansLog.TestKit.Processes;

namespace OrleansLog.Architecture.Tests;

/// <summary>The second try of tests/run (tests/lib/results.sh), with prepared results in the place of a test host.</summary>
public sealed class SecondTryTests : IDisposable
{
    private const string Project = "tests/Some.Tests/Some.Tests.csproj";

    private readonly TempDirectory _results = new("second-try");

    public void Dispose() => _results.Dispose();

    [Fact]
    public async Task What_passes_alone_counts_as_passed_and_is_named_with_its_first_failure()
    {
        FirstRun(("Passed", "A", "A"), ("Failed", "B", "B(text: \"a < b & c\")"), ("Failed", "B", "B(text: \"x\")"), ("Passed", "B", "B(text: \"y\")"));
        SecondRun(0, ("Passed", "B", "B(text: \"a < b & c\")"), ("Passed", "B", "B(text: \"x\")"), ("Passed", "B", "B(text: \"y\")"));

        var output = await RunAsync();

        Assert.Equal("4 0 0 0", Counts());
        Assert.Contains("flaky: Some.Tests.Names.B(text: \"a < b & c\")", output);
        Assert.Equal(2, Flaky().Count(line => line.StartsWith("flaky: ", StringComparison.Ordinal)));
        Assert.Contains("    1 < 2 was said", Flaky());
    }

    [Fact]
    public async Task What_fails_again_stays_failed()
    {
        FirstRun(("Failed", "A", "A"), ("Failed", "B", "B(1)"), ("Failed", "B", "B(2)"));
        SecondRun(1, ("Passed", "B", "B(1)"), ("Failed", "B", "B(2)"));

        var output = await RunAsync();

        // The prepared second run has no result for A.
        Assert.Equal("1 2 0 0", Counts());
        Assert.Contains("failed again: Some.Tests.Names.A ", output);
        Assert.Contains("failed again: Some.Tests.Names.B(2) ", output);
        Assert.Equal(["flaky: Some.Tests.Names.B(1)"], Flaky().Where(line => line.StartsWith("flaky", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task So_many_failures_are_no_rare_race_and_get_no_second_try()
    {
        FirstRun([.. Enumerable.Range(0, 13).Select(i => ("Failed", $"T{i}", $"T{i}"))]);
        SecondRun(0, [.. Enumerable.Range(0, 13).Select(i => ("Passed", $"T{i}", $"T{i}"))]);

        var output = await RunAsync();

        Assert.Equal("0 13 0 0", Counts());
        Assert.Contains("13 tests failed, more than 12: no second try.", output);
    }

    [Theory]
    [InlineData(0, "3 0 0 0")]
    [InlineData(1, "1 1 0 1")]
    public async Task A_project_whose_host_crashed_is_run_again_as_a_whole(int exitCode, string counts)
    {
        FirstRun(("Passed", "A", "A"));
        File.WriteAllText(_results.Combine("Some.Tests.log"), "Test Run Aborted.\n");
        SecondRun(exitCode, ("Passed", "A", "A"), ("Passed", "B", "B"), ("Passed", "C", "C"));

        var output = await RunAsync();

        Assert.Equal(counts, Counts());
        Assert.Contains(exitCode == 0 ? "flaky: Some.Tests (the test host crashed or hung)" : "failed again: Some.Tests ", output);
    }

    private void FirstRun(params (string Outcome, string Method, string Name)[] results)
    {
        Write("Some.Tests", results);
        File.WriteAllText(_results.Combine("first-code"), results.Any(result => result.Outcome == "Failed") ? "1" : "0");
    }

    private void SecondRun(int exitCode, params (string Outcome, string Method, string Name)[] results)
    {
        Write("prepared", results);
        File.WriteAllText(_results.Combine("again-code"), $"{exitCode}");
    }

    private void Write(string run, (string Outcome, string Method, string Name)[] results)
    {
        var passed = results.Count(result => result.Outcome == "Passed");
        var lines = new List<string> { "<TestRun>", "<Results>" };
        foreach (var (outcome, method, name) in results)
        {
            lines.Add($"<UnitTestResult testId=\"id-{method}\" testName=\"Some.Tests.Names.{Encoded(name)}\" outcome=\"{outcome}\">");
            if (outcome == "Failed")
                lines.Add("  <Message>1 &lt; 2 was said</Message>");
            lines.Add("</UnitTestResult>");
        }

        lines.Add("</Results>");
        foreach (var method in results.Select(result => result.Method).Distinct())
            lines.AddRange([$"<UnitTest name=\"{method}\" id=\"id-{method}\">", $"<TestMethod className=\"Some.Tests.Names\" name=\"{method}\" />", "</UnitTest>"]);
        lines.Add($"<Counters total=\"{results.Length}\" executed=\"{results.Length}\" passed=\"{passed}\" failed=\"{results.Length - passed}\" />");
        lines.Add("</TestRun>");
        File.WriteAllLines(_results.Combine($"{run}.trx"), lines);
        File.WriteAllText(_results.Combine($"{run}.log"), "");
    }

    private static string Encoded(string text) => SecurityElement.Escape(text);

    private string Counts() => File.ReadAllText(_results.Combine("Some.Tests.count")).Trim();

    private string[] Flaky() => File.ReadAllLines(_results.Combine("flaky.txt"));

    private async Task<string> RunAsync()
    {
        const string Script = """
            set -u -o pipefail
            results=$1 filter='' flaky_count=0 projects=("$2")
            say() { printf '%s\n' "$*"; }
            since() { say "0 s"; }
            run_tests() { cp "$results/prepared.trx" "$results/$2.trx"; : >"$results/$2.log"; return "$(cat "$results/again-code")"; }
            . tests/lib/results.sh
            tally Some.Tests "$(cat "$results/first-code")" >"$results/Some.Tests.count"
            second_try
            """;
        var ran = await ChildProcess.RunAsync("bash", ["-c", Script, "bash", _results.Path, Project], Repository.Root);
        Assert.Equal("", ran.StandardError);
        return ran.Output;
    }
}
