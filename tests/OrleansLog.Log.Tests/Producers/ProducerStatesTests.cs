using OrleansLog.Protocol;
using OrleansLog.Protocol.Records;
using OrleansLog.TestKit;

namespace OrleansLog.Log.Tests;

/// <summary>What a leader takes from an idempotent producer, rule by rule (K5).</summary>
public class ProducerStatesTests
{
    private readonly ProducerStates _states = new(maxProducers: 100, nowMs: 0);
    private long _end;

    [Fact]
    public void An_unknown_producer_may_start_anywhere()
    {
        Assert.Equal(ErrorCode.None, Send(7, 0, 4711).Error);
        Assert.Equal(ErrorCode.None, Send(7, 0, 4712).Error);
    }

    [Fact]
    public void Each_of_the_last_five_batches_is_known_again_and_the_sixth_is_out_of_order()
    {
        for (int i = 0; i < 6; i++)
            Assert.False(Send(7, 0, i * 2, records: 2).IsDuplicate);
        for (int i = 1; i < 6; i++)
            Assert.Equal(new ProducerCheck(ErrorCode.None, i * 2, 1000 + (i * 2)), Ask(7, 0, i * 2, records: 2));
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, Ask(7, 0, 0, records: 2).Error);
    }

    [Fact]
    public void The_same_first_sequence_with_another_last_one_is_no_duplicate()
    {
        Send(7, 0, 0, records: 3);
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, Ask(7, 0, 0, records: 2).Error);
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, Ask(7, 0, 1, records: 2).Error);
    }

    [Fact]
    public void A_gap_is_out_of_order()
    {
        Send(7, 0, 0);
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, Ask(7, 0, 2).Error);
        Assert.Equal(ErrorCode.None, Ask(7, 0, 1).Error);
    }

    [Fact]
    public void Sequences_go_around_after_the_largest_int()
    {
        Send(7, 0, int.MaxValue - 1, records: 4);
        Assert.Equal(0, Ask(7, 0, int.MaxValue - 1, records: 4).DuplicateOf);
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, Ask(7, 0, 3).Error);
        Assert.False(Send(7, 0, 2).IsDuplicate);
        Send(8, 0, int.MaxValue);
        Assert.Equal(ErrorCode.None, Ask(8, 0, 0).Error);
    }

    [Fact]
    public void An_older_epoch_is_refused_and_a_newer_one_begins_at_zero()
    {
        Send(7, 3, 0);
        Assert.Equal(ErrorCode.InvalidProducerEpoch, Ask(7, 2, 1).Error);
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, Ask(7, 4, 1).Error);
        Assert.Equal(ErrorCode.None, Send(7, 4, 0).Error);
        Assert.Equal(ErrorCode.InvalidProducerEpoch, Ask(7, 3, 0).Error);
    }

    [Fact]
    public void Batches_of_a_group_are_checked_with_those_before_them()
    {
        _states.BeginGroup();
        Assert.Equal(ErrorCode.None, _states.Check(Header(7, 0, 0, 2), 100).Error);
        Assert.Equal(100, _states.Check(Header(7, 0, 0, 2), 102).DuplicateOf);
        Assert.Equal(ErrorCode.None, _states.Check(Header(7, 0, 2, 1), 102).Error);
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, _states.Check(Header(7, 0, 4, 1), 103).Error);
        _states.BeginGroup();
        Assert.Equal(0, _states.Count);
    }

    [Fact]
    public void A_transaction_is_not_continued_without_one()
    {
        Apply(Header(7, 0, 0, 1) with { Attributes = 0x10 });
        Assert.Equal(ErrorCode.InvalidTxnState, Ask(7, 0, 1).Error);
        _states.Apply(Header(7, 0, -1, 1) with { Attributes = 0x30 }, marker: 3);
        Assert.Equal(ErrorCode.None, Ask(7, 0, 1).Error);
    }

    [Fact]
    public void Who_has_not_written_for_long_is_forgotten_unless_a_transaction_is_open()
    {
        _states.BeginAppend(nowMs: 10_000_000);
        Apply(Header(1, 0, 0, 1));
        Apply(Header(2, 0, 0, 1) with { Attributes = 0x10 });
        _states.BeginAppend(nowMs: 10_000_500);
        Apply(Header(3, 0, 0, 1));
        Assert.Equal(0, _states.Expire(10_000_999, 1000));
        Assert.Equal(1, _states.Expire(10_001_000, 1000));
        Assert.Equal([2, 3], _states.All.Select(state => state.ProducerId).Order());
    }

    [Fact]
    public void After_opening_old_timestamps_are_no_reason_to_forget_at_once()
    {
        var states = new ProducerStates(10, nowMs: 1_000_000_000);
        states.Recover(Header(1, 0, 0, 1), null);
        Assert.Equal(0, states.Expire(1_000_000_000, 86_400_000));
        Assert.Equal(1, states.Expire(1_003_600_000, 86_400_000));
    }

    [Fact]
    public void Beyond_the_bound_those_go_that_have_not_written_for_longest()
    {
        var states = new ProducerStates(maxProducers: 3, nowMs: 0);
        foreach (long id in (long[])[1, 2, 3, 1, 4])
            states.Apply(Header(id, 0, 0, 1), null);
        Assert.Equal([1, 3, 4], states.All.Select(state => state.ProducerId).Order());
        Assert.Equal(1, states.Evicted);
    }

    [Fact]
    public void A_known_producer_costs_no_memory()
    {
        RecordBatchHeader header = Header(7, 0, 0, 1);
        int next = 0;
        Assert.Equal(0, Allocations.LeastOf(() =>
        {
            for (int end = next + 1000; next < end; next++)
                Round(header with { BaseSequence = next });
        }));
    }

    private static RecordBatchHeader Header(long producerId, short epoch, int sequence, int records) => new()
    {
        ProducerId = producerId,
        ProducerEpoch = epoch,
        BaseSequence = sequence,
        LastOffsetDelta = records - 1,
        RecordCount = records,
        MaxTimestamp = 1000,
    };

    private void Round(in RecordBatchHeader header)
    {
        _states.BeginGroup();
        if (_states.Check(header, _end).Error != ErrorCode.None)
            throw new InvalidOperationException("a batch in sequence was refused");
        _states.BeginAppend(0);
        _states.Apply(header with { BaseOffset = _end }, null);
        _end++;
    }

    private ProducerCheck Ask(long producerId, short epoch, int sequence, int records = 1)
    {
        _states.BeginGroup();
        return _states.Check(Header(producerId, epoch, sequence, records), _end);
    }

    private ProducerCheck Send(long producerId, short epoch, int sequence, int records = 1)
    {
        ProducerCheck check = Ask(producerId, epoch, sequence, records);
        if (check is { Error: ErrorCode.None, IsDuplicate: false })
            Apply(Header(producerId, epoch, sequence, records));
        return check;
    }

    private void Apply(in RecordBatchHeader header)
    {
        _states.Apply(header with { BaseOffset = _end, MaxTimestamp = 1000 + _end }, null);
        _end += header.RecordCount;
    }
}
