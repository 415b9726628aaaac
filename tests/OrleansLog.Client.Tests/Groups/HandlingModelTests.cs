using CsCheck;

namespace OrleansLog.Client.Tests;

public sealed class HandlingModelTests
{
    private static readonly TopicPartition Partition = new("t", 0);

    [Fact]
    public void What_may_be_committed_is_always_where_the_unbroken_run_of_done_records_ends()
    {
        // Offsets with gaps, as compaction leaves them, done in any order.
        var records = Gen.Int[1, 5].List[0, 40].SelectMany(static steps =>
            Gen.Shuffle(Enumerable.Range(0, steps.Count).ToArray()).Select(order => (steps, order)));
        records.Sample(static drawn =>
        {
            var tracker = new OffsetTracker(Partition);
            var offset = -1L;
            var begun = drawn.steps.Select(step => tracker.Begin(offset += step, 3)).ToArray();
            var done = new HashSet<int>();
            long? committed = null;
            foreach (var next in drawn.order)
            {
                begun[next].Done();
                done.Add(next);
                var run = Enumerable.Range(0, begun.Length).TakeWhile(done.Contains).Count();
                long? expected = run == 0 ? null : begun[run - 1].Offset + 1;
                Assert.Equal(expected == committed ? null : expected, tracker.Uncommitted()?.Offset);
                if (expected is not { } end || next % 3 == 0)
                    continue; // Its commit is under way, or failed.
                tracker.Committed(end);
                committed = end;
            }

            Assert.True(tracker.DrainedAsync().IsCompleted);
        });
    }

    [Fact]
    public void What_is_done_is_to_be_committed_until_it_is_and_that_of_a_lost_partition_never()
    {
        var tracker = new OffsetTracker(Partition);
        var record = tracker.Begin(7, 3);
        Assert.False(tracker.DrainedAsync().IsCompleted);
        record.Done();
        Assert.Equal(new TopicPartitionOffset(Partition, 8, null, 3), tracker.Uncommitted());
        Assert.Equal(8, tracker.Uncommitted()!.Value.Offset);
        tracker.Committed(8);
        Assert.Null(tracker.Uncommitted());
        tracker.Begin(8, 3).Done();
        tracker.End();
        Assert.Null(tracker.Uncommitted());
    }

    [Fact]
    public async Task Records_of_one_key_are_handled_in_their_order_one_at_a_time()
    {
        await Gen.Select(Gen.Int[1, 8], Gen.Int[0, 6].List[0, 200]).SampleAsync(static async (lanes, keys) =>
        {
            var handled = keys.Distinct().ToDictionary(static key => key, static _ => new List<int>());
            var busy = new int[7];
            var work = new KeyedLanes<(int Key, int Number)>(lanes, async item =>
            {
                Assert.Equal(1, Interlocked.Increment(ref busy[item.Key]));
                if (item.Number % 3 == 0)
                    await Task.Yield();
                handled[item.Key].Add(item.Number);
                Interlocked.Decrement(ref busy[item.Key]);
            });
            for (var i = 0; i < keys.Count; i++)
                work.Post((keys[i], i), keys[i].GetHashCode());
            work.Complete();
            await work.Completion;
            Assert.All(handled, pair => Assert.Equal(Enumerable.Range(0, keys.Count).Where(i => keys[i] == pair.Key), pair.Value));
        });
    }

    [Fact]
    public async Task Lanes_run_side_by_side_and_records_without_key_use_all_of_them()
    {
        var begun = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var lanes = new KeyedLanes<int>(4, _ =>
        {
            if (Interlocked.Increment(ref begun) == 4)
                all.SetResult();
            return all.Task; // None ends before all have begun.
        });
        for (var i = 0; i < 4; i++)
            lanes.Post(i, null);
        lanes.Complete();
        await lanes.Completion.WaitAsync(Eventually.Hang);
        Assert.Equal(4, begun);
    }
}
