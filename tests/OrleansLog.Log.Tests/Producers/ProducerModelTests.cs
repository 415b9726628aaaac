using CsCheck;
using OrleansLog.Protocol;
using OrleansLog.Protocol.Records;
using OrleansLog.TestKit;

namespace OrleansLog.Log.Tests;

/// <summary>
/// The producers of a log beside the plain list of its batches, which is asked the same questions: random batches in and out of
/// sequence, groups, failed writes, rolls, truncations, clean restarts and kills.
/// </summary>
public class ProducerModelTests
{
    private static readonly Gen<(int Kind, int How)[]> Steps = Gen.Select(Gen.Int[0, 19], Gen.Int[0, 100_000]).Array[1, 80];

    private static readonly int Runs = Repository.LongRuns ? 10_000 : 400;

    [Fact]
    public void A_batch_is_taken_refused_or_known_again_as_the_list_of_batches_says() =>
        Steps.Sample(steps =>
        {
            using var model = new Model();
            foreach ((int kind, int how) in steps)
                model.Step(kind, how);
        }, iter: Runs, threads: 2);

    private sealed record Stored(long Offset, long ProducerId, short Epoch, int Sequence, int Records);

    private sealed class Model : IDisposable
    {
        private const int First = int.MaxValue - 6;

        private readonly LogHarness _harness = new(new LogSettings { SegmentBytes = 900, IndexIntervalBytes = 100, RetentionMs = -1 });
        private readonly List<Stored> _stored = [];

        internal Model() => _harness.Open();

        private long End => _stored.Count == 0 ? 0 : _stored[^1].Offset + _stored[^1].Records;

        internal void Step(int kind, int how)
        {
            switch (kind)
            {
                case < 12: Append(Group(how, 1), fails: false); break;
                case < 15: Append(Group(how, 1 + (how % 6)), fails: false); break;
                case 15: Append(Group(how, 1 + (how % 4)), fails: true); break;
                case 16: _harness.Log.Roll(1000); break;
                case 17: Truncate(how); break;
                case 18: _harness.Reopen(); break;
                default: _harness.KillAndOpen(new LogOpenContext { HighWatermark = 0 }); break;
            }

            Assert.Equal(End, _harness.Log.LogEndOffset);
        }

        public void Dispose() => _harness.Dispose();

        private void Truncate(int how)
        {
            if (_stored.Count == 0)
                return;
            int keep = how % _stored.Count;
            _harness.Log.TruncateTo(_stored[keep].Offset);
            _stored.RemoveRange(keep, _stored.Count - keep);
        }

        private static List<(int Producer, int What, int Records)> Group(int how, int count)
        {
            var group = new List<(int, int, int)>();
            for (int i = 0; i < count; i++, how = ((how * 31) + 7) & 0xfffff)
                group.Add((how % 3, how / 3 % 14, 1 + (how / 42 % 3)));
            return group;
        }

        private void Append(List<(int Producer, int What, int Records)> wanted, bool fails)
        {
            var planned = new List<Stored>(_stored);
            var batches = new List<byte[]>();
            _harness.Log.Producers.BeginGroup();
            foreach ((int producer, int what, int records) in wanted)
            {
                Stored batch = Choose(planned, producer, what, records);
                byte[] bytes = Batches.From(batch.ProducerId, batch.Epoch, batch.Sequence, batch.Records);
                Assert.True(RecordBatchHeader.TryRead(bytes, out RecordBatchHeader header));
                ProducerCheck check = _harness.Log.Producers.Check(header, batch.Offset);
                Assert.Equal(Expected(planned, batch), (check.Error, check.DuplicateOf));
                if (check.Error != ErrorCode.None || check.IsDuplicate)
                    continue;
                planned.Add(batch);
                batches.Add(bytes);
            }

            int countdown = fails ? wanted[0].Records : int.MaxValue;
            _harness.Disk.Fault = (operation, _) => operation == "write" && countdown-- <= 0 ? DiskErrorKind.NoSpace : null;
            AppendOutcome outcome = _harness.Append(0, [.. batches]);
            _harness.Disk.Fault = null;
            if (outcome.Status != AppendStatus.Appended)
                return;
            _stored.Clear();
            _stored.AddRange(planned);
        }

        /// <summary>Mostly what comes next; else a batch from before, a gap, or another epoch.</summary>
        private static Stored Choose(List<Stored> log, int producer, int what, int records)
        {
            long end = log.Count == 0 ? 0 : log[^1].Offset + log[^1].Records;
            List<Stored> own = [.. log.Where(batch => batch.ProducerId == producer)];
            if (own.Count == 0)
                return new Stored(end, producer, 5, First + producer, records);
            Stored last = own[^1];
            int next = (int)((last.Sequence + (long)last.Records) & int.MaxValue);
            return what switch
            {
                <= 4 => new Stored(end, producer, last.Epoch, next, records),
                <= 10 => own[^Math.Min(own.Count, what - 4)] with { Offset = end },
                11 => new Stored(end, producer, last.Epoch, (next + records) & int.MaxValue, records),
                12 => new Stored(end, producer, (short)(last.Epoch + 1), records == 1 ? 3 : 0, records),
                _ => new Stored(end, producer, (short)(last.Epoch - 1), next, records),
            };
        }

        private static (ErrorCode, long) Expected(List<Stored> log, Stored batch)
        {
            List<Stored> own = [.. log.Where(stored => stored.ProducerId == batch.ProducerId)];
            if (own.Count == 0)
                return (ErrorCode.None, -1);
            Stored last = own[^1];
            Stored? same = own.Where(stored => stored.Epoch == last.Epoch).TakeLast(5)
                .LastOrDefault(stored => stored with { Offset = 0 } == batch with { Offset = 0 });
            if (same is not null)
                return (ErrorCode.None, same.Offset);
            if (batch.Epoch < last.Epoch)
                return (ErrorCode.InvalidProducerEpoch, -1);
            long expected = batch.Epoch > last.Epoch ? 0 : (last.Sequence + (long)last.Records) & int.MaxValue;
            return (batch.Sequence == expected ? ErrorCode.None : ErrorCode.OutOfOrderSequenceNumber, -1);
        }
    }
}
