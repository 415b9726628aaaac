using System.Globalization;
using Microsoft.Extensions.Logging;
using OrleansLog.Core.Configuration;
using OrleansLog.Kafka.Tests.Network;
using OrleansLog.Protocol.Messages;
using OrleansLog.TestKit;
using Xunit.Abstractions;

namespace OrleansLog.Kafka.Tests.Hostile;

/// <summary>Topics whose settings are at their limits: created, changed, written to and read, or refused; the other topics do not notice (fault 14).</summary>
[Trait("Category", "Fuzz")]
public class SettingsFuzzTests(ITestOutputHelper output)
{
    private const int CasesBetweenChecks = 20;

    private static readonly long[] Edges =
    [
        -1, 0, 1, 2, 1023, 1024, 65_536, int.MaxValue - 1, int.MaxValue, 1L + int.MaxValue, uint.MaxValue,
        DateTimeOffset.MaxValue.ToUnixTimeMilliseconds(), TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerMillisecond, long.MaxValue / 1000, long.MaxValue - 1, long.MaxValue,
    ];

    private static readonly ConfigDefinition[] Definitions = [.. TopicConfigs.All.Values.OrderBy(static one => one.Name, StringComparer.Ordinal)];

    [Fact]
    public async Task Settings_at_their_limits_are_kept_or_refused_and_the_broker_lives()
    {
        using var log = new LogLines(LogLevel.Critical);
        await using var broker = await KafkaBroker.StartAsync(
            log, ("log.initial.task.delay.ms", "0"), ("log.retention.check.interval.ms", "50"), ("orleanslog.flush.policy", "interval"));
        await broker.CreateTopicAsync("healthy");
        using var client = await broker.ConnectRawAsync();
        var run = new FuzzRun();
        var (created, offset) = (0, 0L);
        foreach (var seed in run.Seeds())
        {
            var random = new Random(seed);
            var (before, after) = (Settings(random), Settings(random));
            try
            {
                created += await TryAsync(broker, client, $"edge-{run.Cases}", before, after) ? 1 : 0;
                if (run.Cases % CasesBetweenChecks == 0)
                    Assert.Equal(offset++, await ProduceAsync(client, "healthy"));

                Assert.Empty(log.All);
            }
            catch (Exception error)
            {
                Assert.Fail($"seed {seed}, {Text(before)}, then {Text(after)}: {error}");
            }
        }

        Assert.Equal(offset, await ProduceAsync(client, "healthy"));
        output.WriteLine($"{run.Cases} topics in {run.Elapsed}, {created} of them were created");
    }

    /// <summary>A few settings, mostly numbers at the edge of what a number or the setting may be.</summary>
    private static Dictionary<string, string> Settings(Random random)
    {
        var settings = new Dictionary<string, string>();
        for (var left = random.Next(1, 4); left > 0; left--)
        {
            var definition = Definitions[random.Next(Definitions.Length)];
            settings[definition.Name] = definition switch
            {
                { AllowedValues: [_, ..] allowed } => allowed[random.Next(allowed.Count)],
                { Type: ConfigType.Boolean } => random.Next(2) == 0 ? "true" : "false",
                { Minimum: { } least } when random.Next(4) == 0 => least.ToString(CultureInfo.InvariantCulture),
                { Maximum: { } most } when random.Next(4) == 0 => most.ToString(CultureInfo.InvariantCulture),
                _ => Edges[random.Next(Edges.Length)].ToString(CultureInfo.InvariantCulture),
            };
        }

        return settings;
    }

    /// <summary>Creates a topic, writes and reads, changes its settings, writes and reads, and deletes it; false where it was refused.</summary>
    private static async Task<bool> TryAsync(KafkaBroker broker, RawClient client, string topic, Dictionary<string, string> before, Dictionary<string, string> after)
    {
        var created = await broker.Admin.CreateTopicsAsync([new NewTopic { Name = topic, Partitions = 1, Configs = before }], validateOnly: false, default);
        if (created.Results[0].Error != ErrorCode.None)
        {
            Assert.Contains(created.Results[0].Error, new[] { ErrorCode.InvalidConfig, ErrorCode.PolicyViolation });
            return false;
        }

        await UseAsync(client, topic);
        await broker.Admin.AlterConfigsAsync(
            [new ConfigAlteration(
                new ConfigResource(ConfigResourceType.Topic, topic),
                [.. after.Select(static setting => new ConfigChange(setting.Key, ConfigOperation.Set, setting.Value))])],
            validateOnly: false,
            default);
        await UseAsync(client, topic);
        var deleted = await broker.Admin.DeleteTopicsAsync([topic], default);
        Assert.Equal(ErrorCode.None, deleted.Results[0].Error);
        return true;
    }

    /// <summary>Whatever the settings make of it, there is an answer, and one that is no bug's.</summary>
    private static async Task UseAsync(RawClient client, string topic)
    {
        for (var i = 0; i < 2; i++)
            await ProduceAsync(client, topic);

        var fetched = await client.AskAsync<FetchRequestData, FetchResponseData>(Requests.Fetch(topic, 0), Requests.FetchVersion);
        Assert.NotEqual(ErrorCode.UnknownServerError, fetched.Responses[0].Partitions[0].ErrorCode);
    }

    private static async Task<long> ProduceAsync(RawClient client, string topic)
    {
        var produced = await client.AskAsync<ProduceRequestData, ProduceResponseData>(Requests.Produce(topic, [1, 2, 3]), Requests.ProduceVersion);
        var answer = produced.Responses[0].PartitionResponses[0];
        Assert.NotEqual(ErrorCode.UnknownServerError, answer.ErrorCode);
        return answer.BaseOffset;
    }

    private static string Text(Dictionary<string, string> settings) => string.Join(' ', settings.Select(static setting => $"{setting.Key}={setting.Value}"));
}
