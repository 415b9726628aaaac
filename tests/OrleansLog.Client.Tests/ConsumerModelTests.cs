using CsCheck;

namespace OrleansLog.Client.Tests;

/// <summary>Whatever is sought, paused and written meanwhile, each partition delivers exactly what follows its position.</summary>
public sealed class ConsumerModelTests : ClientTest
{
    private const int Partitions = 3;

    private enum Act
    {
        Read,
        Append,
        Seek,
        Pause,
        Resume,
        BreakOff,
        Stumble,
    }

    [Fact]
    public async Task Nothing_is_lost_or_repeated()
    {
        var gen = Gen.Select(Gen.Enum<Act>(), Gen.Int[0, Partitions - 1], Gen.Int[0, 30]).Array[1, 120];
        await gen.SampleAsync(RunAsync, iter: 80, threads: 1);
    }

    private async Task RunAsync((Act Act, int Partition, int Argument)[] acts)
    {
        var cluster = new FakeCluster(Time);
        cluster.AddTopic("t", Partitions);
        var stumbles = 0;
        cluster.OnFetch = _ => Interlocked.Decrement(ref stumbles) >= 0 ? ErrorCode.NotLeaderOrFollower : ErrorCode.None;
        await using var log = LogClient.Create(cluster, cluster, Time);
        await using var consumer = log.CreateConsumer<Unit, string>(new ConsumerOptions
        {
            FetchPartitionBytes = 400,
            PrefetchPartitionBytes = 800,
            PrefetchBytes = 1_500,
            RetryBackoffMs = 1,
            RetryBackoffMaxMs = 4,
        });
        var positions = new long[Partitions];
        var ends = new long[Partitions];
        var isPaused = new bool[Partitions];
        consumer.Assign(Enumerable.Range(0, Partitions).Select(At), StartAt.Beginning);
        var reading = consumer.ReadAllAsync().GetAsyncEnumerator();
        foreach (var (act, partition, argument) in acts)
        {
            switch (act)
            {
                case Act.Append:
                    var values = Enumerable.Range(0, argument + 1).Select(i => $"{ends[partition] + i}").ToArray();
                    cluster.Append(At(partition), values);
                    ends[partition] += values.Length;
                    break;
                case Act.Seek:
                    positions[partition] = Math.Min(argument, ends[partition]);
                    consumer.Seek(At(partition), StartAt.Offset(positions[partition]));
                    break;
                case Act.Pause:
                    consumer.Pause(At(partition));
                    isPaused[partition] = true;
                    break;
                case Act.Resume:
                    consumer.Resume(At(partition));
                    isPaused[partition] = false;
                    break;
                case Act.BreakOff:
                    await reading.DisposeAsync();
                    reading = consumer.ReadAllAsync().GetAsyncEnumerator();
                    break;
                case Act.Stumble:
                    Volatile.Write(ref stumbles, argument / 8);
                    break;
                default:
                    for (var i = 0; i < argument && Left() > 0; i++)
                        await NextAsync();
                    break;
            }
        }

        Array.Clear(isPaused);
        consumer.Resume(Enumerable.Range(0, Partitions).Select(At));
        while (Left() > 0)
            await NextAsync();
        await reading.DisposeAsync();

        long Left() => Enumerable.Range(0, Partitions).Sum(i => isPaused[i] ? 0 : ends[i] - positions[i]);

        async Task NextAsync()
        {
            Assert.True(await PassTimeUntil(reading.MoveNextAsync().AsTask()));
            var record = reading.Current;
            Assert.False(isPaused[record.Partition]);
            Assert.Equal(positions[record.Partition]++, record.Offset);
            Assert.Equal($"{record.Offset}", record.Value);
        }
    }

    private static TopicPartition At(int partition) => new("t", partition);
}
