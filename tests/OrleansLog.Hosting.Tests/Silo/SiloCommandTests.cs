using OrleansLog.Silo;

namespace OrleansLog.Hosting.Tests.Silo;

public class SiloCommandTests
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    [Fact]
    public void Every_option_is_understood()
    {
        var arguments = Read(
            "--node-id 3 --data a --data b --silo-port 1 --gateway-port 2 --http 127.0.0.1:8080 --properties f -c x=1 -c y=2").Arguments!;
        Assert.Equal((3, 1, 2, "127.0.0.1:8080"), (arguments.NodeId!.Value, arguments.SiloPort!.Value, arguments.GatewayPort!.Value, arguments.HttpAddress));
        Assert.Equal(["a", "b"], arguments.DataDirectories);
        Assert.Equal(["f"], arguments.PropertiesFiles);
        Assert.Equal(["x=1", "y=2"], arguments.Settings);
    }

    [Theory]
    [InlineData("--node-id one")]
    [InlineData("--no-such-option")]
    [InlineData("--data")]
    [InlineData("stray")]
    public void A_wrong_argument_is_one_line_on_stderr(string line)
    {
        Assert.Equal((null, ExitCode.Usage), Read(line));
        Assert.StartsWith("orleanslog: ", _error.ToString());
        Assert.Equal(1, _error.ToString().Count(c => c == '\n'));
    }

    [Fact]
    public void Help_lists_the_options_and_starts_nothing()
    {
        Assert.Equal((null, ExitCode.Ok), Read("--help"));
        Assert.Contains("--gateway-port", _output.ToString());
    }

    private (SiloArguments? Arguments, int ExitCode) Read(string line) =>
        new SiloCommand().Read(line.Split(' '), _output, _error);
}
