using CsCheck;
using OrleansLog.Core.Partition;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Tests.Partition;

/// <summary>Random events against what must always hold (S2, S3, S8), whatever the order.</summary>
public sealed class PartitionModelTests
{
    private static readonly Gen<(int Kind, int A, int B)> Event = Gen.Select(Gen.Int[0, 7], Gen.Int[0, 3], Gen.Int[0, 40]);

    [Fact]
    public void Every_append_is_answered_once_and_never_before_it_is_stored_as_asked() =>
        Gen.Select(Event.Array[0, 60], Gen.Bool, Gen.Int[1, 3]).Sample((events, ackPolicy, replicas) =>
        {
            int[] isr = [.. Enumerable.Range(1, replicas)];
            var model = new Model(isr, ackPolicy);
            foreach (var (kind, a, b) in events)
                model.Step(kind, a, b);

            model.Finish();
        });

    private sealed class Model(int[] isr, bool ackPolicy)
    {
        private readonly PartitionFixture _partition = new(isr, ackPolicy: ackPolicy);
        private readonly Dictionary<string, (long Next, AckLevel Acks)> _waiting = [];
        private readonly Dictionary<int, long> _ends = [];
        private readonly HashSet<string> _answered = [];
        private readonly int[] _replicas = isr;
        private int[] _isr = isr;
        private int _epoch;
        private int _number;

        public void Step(int kind, int a, int b)
        {
            var state = _partition.State;
            var before = state.HighWatermark;
            switch (kind)
            {
                case 0 or 1 when state.Role == PartitionRole.Leader:
                    Append(a);
                    break;
                case 2:
                    state.BecameDurable(Math.Min(b, state.LogEndOffset), _partition.Decisions);
                    break;
                case 3 when state.Role == PartitionRole.Leader:
                    var end = Math.Min(b, state.LogEndOffset);
                    state.FollowerStored(a, end, _partition.Decisions);
                    _ends[a] = Math.Max(end, _ends.GetValueOrDefault(a, -1));
                    break;
                case 4:
                    _ends.Clear();
                    _partition.Lead(++_epoch, _isr, _replicas, leader: a == 0 ? 2 : 1);
                    break;
                case 5:
                    _isr = [.. _replicas.Where(id => id == 1 || (b >> id & 1) == 1)];
                    _partition.Lead(_epoch, _isr, _replicas, state.Leadership!.LeaderId);
                    break;
                case 6 when _waiting.Count > 0:
                    var withdrawn = _waiting.Keys.ElementAt(b % _waiting.Count);
                    Assert.True(state.Withdraw(withdrawn));
                    Answer(withdrawn, ErrorCode.RequestTimedOut);
                    break;
                case 7:
                    state.Configure(1, b % 2 == 0, _partition.Decisions);
                    break;
            }

            foreach (var (ticket, error) in _partition.TakeAnswers())
                Answer(ticket, error);

            Assert.True(state.HighWatermark >= before, "the high watermark went back");
            Assert.True(state.HighWatermark <= state.LogEndOffset, "the high watermark is past the log's end");
            Assert.True(_waiting.Count <= state.PendingAckCount, "an append that waits is forgotten");
        }

        public void Finish()
        {
            _partition.State.WentOffline(ErrorCode.KafkaStorageError, _partition.Decisions);
            foreach (var (ticket, error) in _partition.TakeAnswers())
                Answer(ticket, error);

            Assert.Empty(_waiting);
            Assert.Equal(_number, _answered.Count);
        }

        private void Append(int acks)
        {
            var level = acks switch { 0 => AckLevel.None, 1 => AckLevel.Leader, _ => AckLevel.All };
            var ticket = $"t{_number++}";
            var isAnswered = _partition.Append(ticket, records: 2, level);
            _waiting.Add(ticket, (_partition.State.LogEndOffset, level));
            if (isAnswered)
                Answer(ticket, ErrorCode.None);
        }

        private void Answer(string ticket, ErrorCode error)
        {
            Assert.True(_answered.Add(ticket), $"{ticket} was answered twice");
            Assert.True(_waiting.Remove(ticket, out var append));
            if (error != ErrorCode.None)
                return;

            var state = _partition.State;
            if (append.Acks == AckLevel.Leader)
                Assert.True(state.StoredEndOffset >= append.Next || state.HighWatermark >= append.Next, "acknowledged before it was stored");
            else if (append.Acks == AckLevel.All)
                Assert.True(state.HighWatermark >= append.Next, "acknowledged before it was committed");
        }
    }
}
