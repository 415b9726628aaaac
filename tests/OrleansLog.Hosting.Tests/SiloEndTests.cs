using Microsoft.Extensions.Logging;
using OrleansLog.Silo;
using OrleansLog.TestKit;

namespace OrleansLog.Hosting.Tests;

/// <summary>How the process ends when Orleans says that its silo cannot go on.</summary>
public class SiloEndTests
{
    [Theory]
    [InlineData("I have been told I am dead, so this silo will stop! Reason: ...", 3, "The other silos took this one for dead")]
    [InlineData("Something else", 1, "The silo cannot go on, and the process ends with exit code 1: Something else")]
    public void It_says_why_once_and_ends_with_a_code_of_its_own(string context, int exitCode, string line)
    {
        using var lines = new LogLines(LogLevel.Critical);
        using var factory = LoggerFactory.Create(logging => logging.AddProvider(lines));
        var codes = new List<int>();
        var end = new SiloEnd(factory.CreateLogger<SiloEnd>(), codes.Add);

        end.OnFatalException(this, context, null);
        end.OnFatalException(this, "and this", new InvalidOperationException("too"));

        Assert.Equal([exitCode], codes);
        Assert.Contains(line, Assert.Single(lines.All), StringComparison.Ordinal);
    }
}
