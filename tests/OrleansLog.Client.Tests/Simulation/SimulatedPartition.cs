using System.Text;
using OrleansLog.Protocol.Messages;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Client.Tests;

/// <summary>
/// A partition whose leaders come and go, behind a network that loses, delays and repeats. What happens to each request is drawn from a seed.
/// What was acknowledged is on every replica and stays; what was not goes with the leader that alone had it.
/// </summary>
internal sealed class SimulatedPartition(Random random, TimeProvider time, int faultPercent)
{
    private const int Remembered = 5;

    // What a leader says that had appended when its leadership, its disk or the time ended; it says the same where it had not.
    private static readonly ErrorCode[] Ambiguous =
    [
        ErrorCode.NotLeaderOrFollower, ErrorCode.NotLeaderOrFollower, ErrorCode.NotLeaderOrFollower, ErrorCode.FencedLeaderEpoch, ErrorCode.UnknownLeaderEpoch,
        ErrorCode.RequestTimedOut, ErrorCode.NotEnoughReplicasAfterAppend, ErrorCode.KafkaStorageError, ErrorCode.UnknownServerError,
    ];

    private static readonly ErrorCode[] BeforeTheAppend =
        [ErrorCode.NotEnoughReplicas, ErrorCode.ThrottlingQuotaExceeded, ErrorCode.CorruptMessage, ErrorCode.InvalidRecord, ErrorCode.MessageTooLarge];

    private readonly Lock _gate = new();
    private readonly List<Batch> _log = [];
    private readonly List<(Batch Batch, int AfterRequests)> _late = [];
    private int _committed;

    private enum Fate
    {
        RefusedBefore,
        LeaderGone,
        LeaderGoneAfterAppend,
        LeaderGoneWithItsLog,
        FormerLeader,
        ConnectionRefused,
        RequestLost,
        RequestLate,
        AnswerLost,
        AnswerSlow,
        NoAnswer,
        Count,
    }

    private sealed record Batch(long Id, short Epoch, int First, int Last, string[] Values);

    /// <summary>False: all is well from now on.</summary>
    public bool HasFaults { get; set; } = true;

    /// <summary>What is in the log, in its order.</summary>
    public string[] Values
    {
        get
        {
            lock (_gate)
                return [.. _log.SelectMany(static batch => batch.Values)];
        }
    }

    public async ValueTask<ProduceResult> ProduceAsync(ProduceRequest request)
    {
        ProduceResult result;
        int waitMs;
        lock (_gate)
            (result, waitMs) = Serve(Read(request));
        if (waitMs > 0)
            await Task.Delay(TimeSpan.FromMilliseconds(waitMs), time);
        return result;
    }

    /// <summary>What is still under way comes in after all.</summary>
    public void DeliverLate()
    {
        lock (_gate)
        {
            foreach (var (batch, _) in _late)
                Append(batch, _log, out _);
            _late.Clear();
        }
    }

    private static ProduceResult LostConnection => ProduceResult.Failure(ErrorCode.NetworkException, ProduceOutcome.Unknown);

    private static Batch Read(ProduceRequest request)
    {
        using var records = BatchRecords.Open(request.Batch, int.MaxValue, out var error);
        Assert.Equal(ErrorCode.None, error);
        var values = new List<string>();
        foreach (ref readonly var record in records!)
            values.Add(Encoding.UTF8.GetString(record.Value.Span));
        var header = records.Header;
        return new Batch(header.ProducerId, header.ProducerEpoch, header.BaseSequence, header.LastSequence, [.. values]);
    }

    private static ProduceResult Answer(ErrorCode error, int offset = -1) =>
        ProduceAnswer.Of(new ProduceResponseData.PartitionProduceResponse { ErrorCode = error, BaseOffset = offset, LogAppendTimeMs = -1, LogStartOffset = 0 });

    // What a leader with such a log does with a batch: append it, know it again, or refuse it.
    private static ErrorCode Append(Batch batch, List<Batch> log, out int index)
    {
        index = -1;
        if (batch.Id >= 0)
        {
            var known = log.FindAll(stored => stored.Id == batch.Id);
            if (known.TakeLast(Remembered).FirstOrDefault(stored => (stored.Epoch, stored.First, stored.Last) == (batch.Epoch, batch.First, batch.Last)) is { } same)
            {
                index = log.IndexOf(same);
                return ErrorCode.None;
            }

            if (known is [.., var last])
            {
                if (batch.Epoch < last.Epoch)
                    return ErrorCode.InvalidProducerEpoch;
                if (batch.First != (batch.Epoch > last.Epoch ? 0 : last.Last + 1))
                    return ErrorCode.OutOfOrderSequenceNumber;
            }
        }

        index = log.Count;
        log.Add(batch);
        return ErrorCode.None;
    }

    private (ProduceResult Result, int WaitMs) Serve(Batch batch)
    {
        DeliverDue();
        if (!HasFaults || random.Next(100) >= faultPercent)
            return (Acknowledge(batch), 0);
        return (Fate)random.Next((int)Fate.Count) switch
        {
            Fate.RefusedBefore => (Answer(Draw(BeforeTheAppend)), 0),
            Fate.LeaderGone => (Answer(Draw(Ambiguous)), 0),
            Fate.LeaderGoneAfterAppend => (AppendOnly(batch, Draw(Ambiguous)), 0),
            Fate.LeaderGoneWithItsLog => (AppendAndCut(batch), 0),
            Fate.FormerLeader => (AskFormerLeader(batch), 0),
            Fate.ConnectionRefused => (ProduceResult.Failure(ErrorCode.NetworkException, ProduceOutcome.NotStored), 0),
            Fate.RequestLost => (LostConnection, 0),
            Fate.RequestLate => (Delay(batch), 0),
            Fate.AnswerLost => (AppendOnly(batch, ErrorCode.NetworkException), 0),
            Fate.AnswerSlow => (Acknowledge(batch), random.Next(1, 60)),
            _ => (AppendOnly(batch, ErrorCode.RequestTimedOut), random.Next(1, 60)),
        };
    }

    private ErrorCode Draw(ErrorCode[] from) => from[random.Next(from.Length)];

    private ProduceResult Acknowledge(Batch batch)
    {
        var error = Append(batch, _log, out var index);
        if (error != ErrorCode.None)
            return Answer(error);
        _committed = Math.Max(_committed, index + 1);
        return Answer(ErrorCode.None, _log.Take(index).Sum(static stored => stored.Values.Length));
    }

    private ProduceResult AppendOnly(Batch batch, ErrorCode answer)
    {
        var error = Append(batch, _log, out _);
        return Answer(error == ErrorCode.None ? answer : error);
    }

    private ProduceResult AppendAndCut(Batch batch)
    {
        var result = AppendOnly(batch, Draw(Ambiguous));
        var cut = random.Next(_committed, _log.Count + 1);
        _log.RemoveRange(cut, _log.Count - cut);
        return result;
    }

    // A broker that has not heard yet that it leads no more: its log ended long ago, and what it takes is cut off again.
    private ProduceResult AskFormerLeader(Batch batch)
    {
        var error = Append(batch, _log[..random.Next(_committed + 1)], out _);
        return Answer(error == ErrorCode.None ? Draw(Ambiguous) : error);
    }

    private ProduceResult Delay(Batch batch)
    {
        _late.Add((batch, random.Next(8)));
        return LostConnection;
    }

    private void DeliverDue()
    {
        for (var i = 0; i < _late.Count; i++)
        {
            var (batch, after) = _late[i];
            _late[i] = (batch, after - 1);
            if (after > 0)
                continue;
            Append(batch, _log, out _);
            _late.RemoveAt(i--);
        }
    }
}
