using System.Net.Sockets;
using Mono.Cecil;

namespace OrleansLog.Architecture.Tests;

/// <summary>The purity rule is tried on code that breaks it, this very assembly, so that it cannot rot into one that passes always.</summary>
public class PurityRuleTests
{
    [Theory]
    [InlineData(nameof(Sins.Clock), "System.DateTime.get_UtcNow")]
    [InlineData(nameof(Sins.Ticks), "System.Environment.get_TickCount64")]
    [InlineData(nameof(Sins.Watch), "System.Diagnostics.Stopwatch")]
    [InlineData(nameof(Sins.Dice), "System.Random.get_Shared")]
    [InlineData(nameof(Sins.UnseededDice), "new System.Random()")]
    [InlineData(nameof(Sins.Threads), "System.Threading.Thread")]
    [InlineData(nameof(Sins.Sockets), "System.Net.Sockets.Socket")]
    [InlineData(nameof(Sins.Files), "System.IO.File")]
    public void The_rule_sees(string sin, string use)
    {
        using var module = ModuleDefinition.ReadModule(typeof(Sins).Assembly.Location);
        Assert.Contains(PurityTests.Offences(module), offence => offence.Contains($"Sins.{sin} uses {use}", StringComparison.Ordinal));
    }

    [Fact]
    public void The_rule_lets_a_seed_and_a_given_time_pass()
    {
        using var module = ModuleDefinition.ReadModule(typeof(Sins).Assembly.Location);
        Assert.DoesNotContain(PurityTests.Offences(module), offence => offence.Contains("Sins.Innocent", StringComparison.Ordinal));
    }

    private static class Sins
    {
        public static DateTime Clock() => DateTime.UtcNow;

        public static long Ticks() => Environment.TickCount64;

        public static object Watch() => System.Diagnostics.Stopwatch.StartNew();

        public static int Dice() => Random.Shared.Next();

        public static int UnseededDice() => new Random().Next();

        public static object Threads() => new Thread(() => { });

        public static object Sockets() => new Socket(SocketType.Stream, ProtocolType.Tcp);

        public static bool Files(string path) => File.Exists(path);

        public static long Innocent(DateTime now, int seed) => now.Ticks + new Random(seed).Next();
    }
}
