using System.Globalization;
using OrleansLog.TestKit;
using OrleansLog.TestKit.Processes;

namespace OrleansLog.Hosting.Tests.Embedding;

public sealed class EmbeddedSampleTests : IDisposable
{
    private readonly TempDirectory _directory = new("embedded");

    [Fact]
    public async Task An_app_with_its_own_grain_and_storage_logs_its_changes_and_finds_them_again_after_a_restart()
    {
        var first = (await RunAsync()).MustSucceed();
        Assert.Contains("alice has 5 apples", first.Output);
        Assert.Equal(3, Changes(first.Output).Length);

        var second = (await RunAsync()).MustSucceed();
        Assert.Contains("alice has 10 apples", second.Output);
        Assert.Equal(6, Changes(second.Output).Length);
        Assert.Equal(Changes(first.Output), Changes(second.Output).Where(line => Changes(first.Output).Contains(line)));
        Assert.NotEmpty(Directory.GetFiles(_directory.Combine("carts"), "cart-*.json"));
        Assert.True(File.Exists(_directory.Combine("log", "orleanslog-metadata.db")));
    }

    public void Dispose() => _directory.Dispose();

    private static string[] Changes(string output) =>
        [.. output.Split('\n').Where(line => line.StartsWith("cart-changes-", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private Task<CommandResult> RunAsync()
    {
        var ports = FreePorts.Take(2);
        return ChildProcess.RunAsync("dotnet",
        [
            Repository.Built("samples/Embedded", "Embedded.dll"),
            $"--OrleansLog:log.dirs={_directory.Combine("log")}",
            "--OrleansLog:listeners=PLAINTEXT://127.0.0.1:0",
            $"--CartDirectory={_directory.Combine("carts")}",
            "--SiloPort", ports[0].ToString(CultureInfo.InvariantCulture),
            "--GatewayPort", ports[1].ToString(CultureInfo.InvariantCulture),
        ]);
    }
}
