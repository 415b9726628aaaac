using CsCheck;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Client.Tests;

/// <summary>Whatever the cluster does, the producer's reports are true: stored means once, at that offset; refused means never.</summary>
public sealed class ProducerModelTests : ClientTest
{
    private enum Fault
    {
        None,
        Refused,
        RefusedForGood,
        TooLarge,
        OutOfOrder,
        LostBefore,
        LostAfter,
        Thrown,
    }

    [Fact]
    public async Task Reports_are_true_under_faults()
    {
        var gen = Gen.Select(Gen.Int[1, 4], Gen.Int[0, 10], Gen.Enum<Fault>().Array[0, 60], Gen.Int[1, 400], Gen.Bool);
        await gen.SampleAsync(async (partitions, lingerMs, faults, records, isIdempotent) => await RunAsync(partitions, lingerMs, faults, records, isIdempotent), iter: 80, threads: 1);
    }

    [Fact]
    public async Task An_idempotent_producer_delivers_everything_once_however_many_answers_are_lost()
    {
        Fault[] lost = [Fault.None, Fault.Refused, Fault.LostBefore, Fault.LostAfter, Fault.Thrown];
        var gen = Gen.Select(Gen.Int[1, 4], Gen.Int[0, lost.Length - 1].Select(i => lost[i]).Array[0, 60], Gen.Int[1, 400]);
        await gen.SampleAsync(async (partitions, faults, records) => Assert.Equal(records, await RunAsync(partitions, 1, faults, records, isIdempotent: true)), iter: 40, threads: 1);
    }

    /// <summary>Returns how many were acknowledged.</summary>
    private async Task<int> RunAsync(int partitions, int lingerMs, Fault[] faults, int records, bool isIdempotent)
    {
        var cluster = new FakeCluster(Time);
        cluster.AddTopic("t", partitions);
        var next = -1;
        Fault Draw() => Interlocked.Increment(ref next) is var i && i < faults.Length ? faults[i] : Fault.None;
        var pending = new System.Collections.Concurrent.ConcurrentDictionary<ProduceRequest, Fault>();
        var kept = new System.Collections.Concurrent.ConcurrentDictionary<(TopicPartition, short, int), bool>();
        cluster.OnProduce = request =>
        {
            var fault = Draw();
            pending[request] = fault;
            return new(fault switch
            {
                Fault.Refused => ProduceResult.Failure(ErrorCode.NotLeaderOrFollower, ProduceOutcome.NotStored),
                Fault.RefusedForGood => ProduceResult.Failure(ErrorCode.InvalidRecord, ProduceOutcome.NotStored),
                Fault.TooLarge when request.Batch.Length > 200 => ProduceResult.Failure(ErrorCode.MessageTooLarge, ProduceOutcome.NotStored),
                // What is stored already a broker answers with where it is.
                Fault.OutOfOrder when !kept.ContainsKey(NumberOf(request)) => ProduceResult.Failure(ErrorCode.OutOfOrderSequenceNumber, ProduceOutcome.NotStored),
                Fault.LostBefore => ProduceResult.Failure(ErrorCode.NetworkException, ProduceOutcome.Unknown),
                Fault.Thrown => throw new IOException("gone"),
                _ => (ProduceResult?)null,
            });
        };
        cluster.OnStored = (request, result) =>
        {
            kept[NumberOf(request)] = true;
            return new(pending[request] == Fault.LostAfter ? ProduceResult.Failure(ErrorCode.RequestTimedOut, ProduceOutcome.Unknown) : result);
        };
        await using var log = LogClient.Create(cluster, cluster, Time);
        await using var producer = log.CreateProducer<int, string>(new ProducerOptions { LingerMs = lingerMs, BatchBytes = 1024, RetryBackoffMs = 1, RetryBackoffMaxMs = 4, EnableIdempotence = isIdempotent });
        var sent = Enumerable.Range(0, records).Select(i => producer.ProduceAsync("t", i, $"{i}").AsTask()).ToArray();
        await PassTimeUntil(() => sent.All(static task => task.IsCompleted));

        var stored = Enumerable.Range(0, partitions)
            .SelectMany(i => cluster.Read(new TopicPartition("t", i)).Select(record => (Partition: i, record.Offset, Value: Number(record.Value))))
            .ToLookup(static record => record.Value);
        for (var i = 0; i < records; i++)
        {
            var found = stored[i].ToArray();
            if (sent[i].IsCompletedSuccessfully)
                Assert.Equal([(sent[i].Result.Partition, sent[i].Result.Offset, i)], found);
            else if (sent[i].Exception!.InnerException is DeliveryUnknownException)
                Assert.InRange(found.Length, 0, 1);
            else
                Assert.Empty(found);
        }

        foreach (var partition in stored.SelectMany(static group => group).GroupBy(static record => record.Partition))
        {
            var values = partition.OrderBy(static record => record.Offset).Select(static record => record.Value).ToArray();
            Assert.Equal(values.Order(), values);
        }

        return sent.Count(static task => task.IsCompletedSuccessfully);
    }

    private static (TopicPartition Partition, short Epoch, int Sequence) NumberOf(ProduceRequest request)
    {
        Assert.True(RecordBatchHeader.TryRead(request.Batch.Span, out var header));
        return (request.Partition, header.ProducerEpoch, header.BaseSequence);
    }

    private static int Number(string? text) => int.Parse(text!, System.Globalization.CultureInfo.InvariantCulture);
}
