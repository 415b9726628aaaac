using System.Collections.Concurrent;
using Confluent.Kafka;
using OrleansLog.TestKit;
using TopicPartition = OrleansLog.TopicPartition;

namespace OrleansLog.Client.Tests;

/// <summary>A group of members of the SDK and of librdkafka, over the Kafka socket.</summary>
public sealed class MixedGroupTests(SiloFixture silo) : BrokerGroupTest(silo)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Both_share_the_partitions_whoever_leads(bool sdkLeads)
    {
        var log = Silo.Client(Form.Kafka);
        await log.Admin.CreateTopicAsync(Topic, 6);
        await WriteAsync(log, Topic, 6, 5);
        TestMember sdk;
        Member other;
        if (sdkLeads)
        {
            sdk = Join(log, Options(GroupAssignor.Range));
            await Until(() => sdk.Assignment.Length == 6, sdk);
            other = new Member(Silo.Address, Topic, Group);
        }
        else
        {
            other = new Member(Silo.Address, Topic, Group);
            await Until(() => other.Assigned == 6);
            sdk = Join(log, Options(GroupAssignor.Range));
        }

        await using var first = sdk;
        await using var second = other;
        await Until(() => sdk.Assignment.Length == 3 && other.Assigned == 3, sdk);
        Assert.Equal(sdkLeads, sdk.Consumer.Membership!.IsLeader);
        await WriteAsync(log, Topic, 6, 5);
        await Until(() => Places(sdk).Concat(other.Read).Distinct().Count() >= 60, sdk);
        Assert.Equal(60, Places(sdk).Concat(other.Read).Distinct().Count());

        // The one that stays takes over, from what the other has committed.
        await other.DisposeAsync();
        await Until(() => sdk.Assignment.Length == 6, sdk);
        await WriteAsync(log, Topic, 6, 1);
        await Until(() => Places(sdk).Distinct().Count(static place => place.Item2 == 10) >= 6, sdk);
        Assert.Equal(sdk.Read.Count, Places(sdk).Distinct().Count());
        Assert.Empty(Places(sdk).Intersect(other.Read));
    }

    /// <summary>A consumer of librdkafka with a thread of its own.</summary>
    private sealed class Member : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _running;
        private int _assigned;

        public Member(string address, string topic, string group) => _running = OwnThread.RunAsync(() => Consume(address, topic, group));

        public ConcurrentQueue<(TopicPartition, long)> Read { get; } = [];

        /// <summary>How many partitions it has now; throws what it died of.</summary>
        public int Assigned
        {
            get
            {
                if (_running.IsFaulted)
                    _running.GetAwaiter().GetResult();
                return Volatile.Read(ref _assigned);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running;
        }

        private void Consume(string address, string topic, string group)
        {
            var config = new ConsumerConfig
            {
                BootstrapServers = address,
                GroupId = group,
                PartitionAssignmentStrategy = PartitionAssignmentStrategy.Range,
                AutoOffsetReset = Confluent.Kafka.AutoOffsetReset.Earliest,
                HeartbeatIntervalMs = 100,
            };
            using var consumer = new ConsumerBuilder<string, string>(config)
                .SetPartitionsAssignedHandler((_, partitions) => Volatile.Write(ref _assigned, partitions.Count))
                .SetPartitionsRevokedHandler((_, _) => Volatile.Write(ref _assigned, 0))
                .Build();
            consumer.Subscribe(topic);
            try
            {
                while (true)
                {
                    var result = consumer.Consume(_stop.Token);
                    Read.Enqueue((new TopicPartition(result.Topic, result.Partition.Value), result.Offset.Value));
                }
            }
            catch (OperationCanceledException)
            {
                consumer.Close();
            }
        }
    }
}
