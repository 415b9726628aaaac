using OrleansLog.Protocol;
using OrleansLog.Protocol.Records;
using OrleansLog.TestKit;

namespace OrleansLog.Log.Tests;

/// <summary>
/// A log beside a list of the batches that it has to hold. Every step is done to both; <see cref="Check"/> compares them. The high
/// watermark moves with the durable end, as under <c>orleanslog.flush.policy=ack</c>, or with the log end, as under <c>os</c>.
/// </summary>
internal sealed class LogModel : IDisposable
{
    private readonly LogHarness _harness;
    private readonly bool _acknowledgesUnsynced;
    private readonly List<(long Base, long Next, byte[] Bytes)> _batches = [];
    private int _epoch;
    private long _recoveryPoint;
    private long _highWatermark;
    private long _logStart;
    private long _clock = 1000;

    internal LogModel(bool acknowledgesUnsynced)
    {
        _acknowledgesUnsynced = acknowledgesUnsynced;
        _harness = new LogHarness(new LogSettings { SegmentBytes = 600, IndexIntervalBytes = 100, SegmentIndexBytes = 96, RetentionMs = -1, RetentionBytes = 2000 }, cache: new SegmentCache(2));
        _harness.Open();
    }

    private long End => _batches.Count == 0 ? _logStart : _batches[^1].Next;

    /// <summary>One step, chosen by a number and steered by another.</summary>
    internal void Step(int kind, int how)
    {
        switch (kind)
        {
            case < 8: Append(how, fault: null); break;
            case 8: Append(how, fault: "write"); break;
            case 9: Append(how, fault: "open"); break;
            case 10: _harness.Log.Roll(_clock); break;
            case 11: Flush(); break;
            case 12: Truncate(how); break;
            case 13: _logStart = _harness.Log.AdvanceLogStart(_logStart + (how % (int)(_highWatermark - _logStart + 1))); break;
            case 14: Retain(); break;
            case 15: Reopen(); break;
            case 16: Kill(); break;
            case 17: Search(_clock - how); break;
            case 18: PowerLoss(how); break;
            default: ReadSome(how); break;
        }

        Acknowledge();
        Assert.Equal((_logStart, End), (_harness.Log.LogStartOffset, _harness.Log.LogEndOffset));
        Assert.InRange(_harness.Log.DurableEndOffset, 0, _harness.Log.LogEndOffset);
        Assert.Empty(_harness.Log.Damage);
    }

    /// <summary>Reads everything and compares it byte for byte.</summary>
    internal void Check()
    {
        List<byte> read = [];
        for (long next = _logStart; next < _harness.Log.LogEndOffset;)
        {
            using LogRead chunk = _harness.Log.Read(next, 500, long.MaxValue, atLeastOneBatch: true);
            Assert.Equal(ErrorCode.None, chunk.Error);
            Assert.False(chunk.Data.IsEmpty);
            read.AddRange(chunk.Data.Span);
            next = chunk.NextOffset;
        }

        Assert.Equal(_batches.Where(batch => batch.Next > _logStart).SelectMany(batch => batch.Bytes), read);
    }

    /// <summary>
    /// The power goes, and the disk keeps what it likes of what was not synced. Whatever was accepted is read as it was, or refused
    /// loudly; nothing else is ever read in its place (D15).
    /// </summary>
    internal void CheckNothingIsLostInSilence(int seed, bool reorders)
    {
        _harness.CrashAndOpen(seed, Unclean() with { MayHaveLostUnsynced = true }, reorders);
        PartitionLog log = _harness.Log;
        Assert.True(log.LogEndOffset >= _highWatermark, $"the log ends at {log.LogEndOffset}, below the high watermark {_highWatermark}");
        foreach ((long @base, long next, byte[] bytes) in _batches.Where(batch => batch.Base >= _logStart && batch.Base < log.LogEndOffset))
        {
            using LogRead read = log.Read(@base, 1, long.MaxValue, atLeastOneBatch: true);
            if (read.Error == ErrorCode.CorruptMessage)
                Assert.True(@base >= read.Damage!.FromOffset && @base < read.Damage.ToOffset);
            else if (next <= _highWatermark)
                Assert.Equal(bytes, read.Data.ToArray());
            if (next <= _recoveryPoint)
                Assert.Equal(ErrorCode.None, read.Error);
        }

        AppendOutcome outcome = log.Append([Batches.Make(1, 10, 1)], _epoch, 1, new long[1]);
        Assert.Equal(AppendStatus.Appended, outcome.Status);
        Assert.True(outcome.FirstOffset >= _highWatermark);
    }

    public void Dispose() => _harness.Dispose();

    private void Append(int how, string? fault)
    {
        _epoch += how % 11 == 0 ? 1 : 0;
        var random = new Random(how);
        byte[][] batches = [.. Enumerable.Range(0, 1 + (how % 4)).Select(_ => Batches.Make(random.Next(120), (byte)random.Next(), [.. Enumerable.Range(0, 1 + random.Next(4)).Select(_ => _clock += random.Next(-3, 10))]))];
        int countdown = fault is null ? int.MaxValue : random.Next(4);
        _harness.Disk.Fault = (operation, _) => operation == fault && countdown-- == 0 ? DiskErrorKind.NoSpace : null;
        AppendOutcome outcome = _harness.Log.Append([.. batches.Select(batch => batch.AsMemory())], _epoch, _clock, new long[batches.Length]);
        _harness.Disk.Fault = null;
        if (outcome.Status == AppendStatus.DiskError)
            return;
        Assert.Equal(AppendStatus.Appended, outcome.Status);
        foreach (byte[] batch in batches)
        {
            Assert.True(RecordBatchHeader.TryRead(batch, out RecordBatchHeader header));
            Assert.Equal(End, header.BaseOffset);
            _batches.Add((header.BaseOffset, header.NextOffset, batch));
        }
    }

    private void Flush()
    {
        FlushOutcome outcome = _harness.Log.Flush();
        Assert.Equal((null, End), (outcome.Error, outcome.DurableEndOffset));
        _recoveryPoint = outcome.DurableEndOffset;
    }

    private void Acknowledge() =>
        _highWatermark = Math.Max(_highWatermark, _acknowledgesUnsynced ? _harness.Log.LogEndOffset : _harness.Log.DurableEndOffset);

    private void Truncate(int how)
    {
        long offset = _highWatermark + (how % (int)(End - _highWatermark + 1));
        int keep = _batches.FindIndex(batch => batch.Next > offset);
        long expected = keep < 0 ? End : Math.Min(offset, Math.Max(_batches[keep].Base, _logStart));
        if (keep >= 0)
            _batches.RemoveRange(keep, _batches.Count - keep);
        Assert.Equal(expected, _harness.Log.TruncateTo(offset));
        if (expected == _harness.Log.LogStartOffset)
        {
            _batches.Clear();
            _logStart = expected;
        }

        _recoveryPoint = Math.Min(_recoveryPoint, _harness.Log.LogEndOffset);
    }

    private void Retain()
    {
        RetentionResult result = _harness.Log.ApplyRetention(_clock, _highWatermark);
        Assert.Null(result.Error);
        _logStart = result.LogStartOffset;
        _batches.RemoveAll(batch => batch.Next <= _logStart && batch.Next != End);
        if (result.FilesToDelete.Count % 2 == 1)
            result.FilesToDelete.ToList().ForEach(_harness.Disk.Delete);
    }

    private void Reopen()
    {
        Assert.Null(_harness.Log.Close(clean: true).Error);
        _recoveryPoint = End;
        _harness.Open(Unclean() with { WasCleanShutdown = true });
        Check();
    }

    private void Kill()
    {
        _harness.KillAndOpen(Unclean());
        Check();
    }

    private void PowerLoss(int seed)
    {
        if (_acknowledgesUnsynced)
            return;
        _harness.CrashAndOpen(seed, Unclean() with { MayHaveLostUnsynced = true });
        Assert.InRange(_harness.Log.LogEndOffset, Math.Max(_highWatermark, _recoveryPoint), long.MaxValue);
        AdoptTheTail();
        Check();
    }

    /// <summary>Above the high watermark the disk may also keep what an append wrote and took back before the power went; nobody was promised anything there.</summary>
    private void AdoptTheTail()
    {
        _batches.RemoveAll(batch => batch.Next > _highWatermark);
        for (long next = Math.Max(End, _logStart); next < _harness.Log.LogEndOffset; next = End)
        {
            using LogRead read = _harness.Log.Read(next, 1, long.MaxValue, atLeastOneBatch: true);
            Assert.Equal((ErrorCode.None, next), (read.Error, read.BaseOffset));
            _batches.Add((read.BaseOffset, read.NextOffset, read.Data.ToArray()));
        }
    }

    private void Search(long timestampMs)
    {
        TimestampOffset expected = TimestampOffset.Unknown, max = TimestampOffset.Unknown;
        foreach ((_, _, byte[] bytes) in _batches)
        {
            using BatchRecords records = BatchRecords.Open(bytes, 100_000, out _)!;
            foreach (ref readonly Protocol.Records.Record record in records)
            {
                if (expected.Offset < 0 && record.TimestampMs >= timestampMs && record.Offset >= _logStart)
                    expected = new TimestampOffset(record.TimestampMs, record.Offset);
                if (record.TimestampMs > max.TimestampMs && record.Offset >= _logStart)
                    max = new TimestampOffset(record.TimestampMs, record.Offset);
            }
        }

        Assert.Equal(Found(expected), _harness.Log.OffsetForTimestamp(timestampMs));
        Assert.Equal(Found(max), _harness.Log.FindMaxTimestamp());
    }

    private TimestampSearch Found(TimestampOffset record) =>
        new(ErrorCode.None, record, record.Offset < 0 ? -1 : _harness.Log.LeaderEpochs.EpochFor(record.Offset));

    private void ReadSome(int how)
    {
        long offset = _logStart + (how % (int)(End - _logStart + 1));
        long bound = offset + (how % 17);
        using LogRead read = _harness.Log.Read(offset, how % 400, bound, atLeastOneBatch: true);
        Assert.Equal(ErrorCode.None, read.Error);
        byte[] expected = [.. _batches.Where(batch => batch.Next > offset && batch.Next <= Math.Min(bound, End)).SelectMany(batch => batch.Bytes)];
        Assert.Equal(expected[..read.Data.Length], read.Data.ToArray());
        Assert.Equal(expected.Length == 0, read.Data.IsEmpty);
    }

    private LogOpenContext Unclean() => new()
    {
        RecoveryPoint = _recoveryPoint,
        HighWatermark = _highWatermark,
        LogStartOffset = _logStart,
        NowMs = _clock,
    };
}
