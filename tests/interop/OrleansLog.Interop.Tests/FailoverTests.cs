using System.Diagnostics;
using System.Globalization;
using System.Text;
using Interop.Tests.Clients;
using Xunit.Abstractions;

namespace Interop.Tests;

/// <summary>Real clients on three brokers, one of which is killed while they write and read.</summary>
[Collection(nameof(ClusterBench))]
public class FailoverTests(ClusterBench bench, ITestOutputHelper output)
{
    private const int Partitions = 3;
    private const int Rounds = 60;
    private const int RecordsEach = 20;
    private const string Member = "member";

    /// <summary>Some clients come back as another member, which waits for the one that they were before.</summary>
    private static readonly TimeSpan Session = TimeSpan.FromSeconds(15);

    public static TheoryData<string> Clients => [.. Installed.Clients];

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task A_leader_that_is_killed_in_the_middle_costs_no_record_and_the_group_reads_on(string name)
    {
        await using var client = await Installed.StartAsync(name, bench.Cluster.BootstrapServers);
        var topic = await bench.NewTopicAsync("failover", Partitions);
        var group = bench.NewName("group");
        await client.JoinAsync(group, topic, Member, Session);
        await Pause.UntilAsync(async () => (await client.ViewAsync(Member)).Assigned.Length == Partitions, "the member has all partitions");

        var sender = new Sender(client, topic);
        var sending = sender.RunAsync();
        await sender.Third;
        var victim = await bench.Cluster.LeaderOfAsync(topic, 0);
        await bench.Cluster[victim].KillAsync();
        try
        {
            await sending;
            await Pause.UntilAsync(async () => await HasReadAsync(client) == Rounds * RecordsEach, "the member has read everything", async () => $"{await HasReadAsync(client)} values");
        }
        finally
        {
            await bench.Cluster[victim].StartAgainAsync();
        }

        await bench.Cluster.WaitUntilInSyncAsync(topic);
        await client.LeaveAsync(Member);

        var stored = (await Sdk.ConsumeAsync(bench.Cluster.BootstrapServers, topic)).ToLookup(static record => Encoding.UTF8.GetString(record.Value!), static record => record.Offset);
        output.WriteLine($"broker {victim} was killed; {sender.SentAgain.Count} of {Rounds} rounds were sent again, {stored.Count(static places => places.Count() > 1)} values are there twice");
        for (var round = 0; round < Rounds; round++)
        {
            var places = Enumerable.Range(0, RecordsEach).Select(number => stored[Value(round, number)].ToArray()).ToArray();
            Assert.All(places, Assert.NotEmpty);

            // What the client told to have failed may have been stored, and was sent again.
            if (client.Traits.Idempotent && !sender.SentAgain.Contains(round))
                Assert.All(places, static offsets => Assert.Single(offsets));

            Assert.Equal(places.Select(static offsets => offsets[0]).Order(), places.Select(static offsets => offsets[0]));
            if (round >= Partitions)
                Assert.True(stored[Value(round - Partitions, RecordsEach - 1)].First() < places[0][0], $"round {round} lies before the one before it");
        }
    }

    private static string Value(int round, int number) => string.Create(CultureInfo.InvariantCulture, $"{round}/{number}");

    private static async Task<int> HasReadAsync(IInteropClient client) =>
        (await client.ViewAsync(Member)).Received.Select(static record => Encoding.UTF8.GetString(record[2].GetBytesFromBase64())).Distinct().Count();

    /// <summary>Writes round after round, each to the next partition; one that the client gives up on is sent again, as a program would.</summary>
    private sealed class Sender(IInteropClient client, string topic)
    {
        private readonly TaskCompletionSource _third = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Completes when a third is acknowledged.</summary>
        public Task Third => _third.Task;

        public HashSet<int> SentAgain { get; } = [];

        public async Task RunAsync()
        {
            try
            {
                for (var round = 0; round < Rounds; round++)
                {
                    await SendAsync(round);
                    if (round == Rounds / 3)
                        _third.SetResult();
                }
            }
            catch (Exception error)
            {
                _third.TrySetException(error);
                throw;
            }
        }

        private async Task SendAsync(int round)
        {
            var records = Enumerable.Range(0, RecordsEach).Select(number => Sample.Of("key", Value(round, number))).ToArray();
            var began = Stopwatch.StartNew();
            while (true)
            {
                try
                {
                    await client.ProduceAsync(topic, round % Partitions, "none", client.Traits.Idempotent, records);
                    return;
                }
                catch (Exception) when (began.Elapsed < Pause.Hangs)
                {
                    SentAgain.Add(round);
                    await Pause.ShortAsync();
                }
            }
        }
    }
}
