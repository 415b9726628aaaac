namespace OrleansLog.Log.Tests;

public class ReplicatedRecordsTests
{
    private const int LeaderEpoch = 3;

    [Fact]
    public void What_a_leader_sent_is_taken_apart_from_the_end_of_the_log_on()
    {
        using LogHarness harness = EndsAtTwo();
        byte[] here = Of(0, 1, records: 2), next = Of(2, 2), behindGap = Of(7, LeaderEpoch);
        var batches = new List<Memory<byte>>();
        Assert.True(harness.Log.TrySplitReplicated(Run(here, next, behindGap), LeaderEpoch, batches, out string reason), reason);
        Assert.Equal([next, behindGap], batches.Select(batch => batch.ToArray()));

        harness.Log.AppendReplicated([.. batches], nowMs: 1);
        Assert.Equal(8, harness.Log.LogEndOffset);
    }

    [Fact]
    public void What_is_here_already_leaves_nothing_to_append()
    {
        Assert.Equal("it has no batch", WhyNot());
        Assert.Equal("it has no batch", WhyNot(Of(0, 1), Of(1, 1)));
    }

    [Fact]
    public void A_batch_that_cannot_follow_is_not_taken()
    {
        Assert.Contains("a batch at offset 1 of epoch 1 cannot follow offset 1", WhyNot(Of(1, 1, records: 2)), StringComparison.Ordinal);
        Assert.Contains("a batch at offset 2 of epoch 2 cannot follow offset 2", WhyNot(Of(2, 2), Of(2, 2)), StringComparison.Ordinal);
        Assert.Contains("a batch at offset 2 of epoch 4 cannot follow offset 1 under leader epoch 3", WhyNot(Of(2, 4)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_batch_that_is_not_whole_or_has_a_wrong_checksum_is_not_taken()
    {
        byte[] batch = Of(3, 2), flipped = Of(3, 2);
        flipped[^1] ^= 1;
        Assert.Equal("the checksum of the batch at offset 3 is wrong", WhyNot(Of(2, 2), flipped));
        Assert.Equal($"{batch.Length - 1} bytes behind offset 2 are no whole batch", WhyNot(Of(2, 2), batch[..^1]));
        Assert.Equal("10 bytes behind offset 2 are no whole batch", WhyNot(Of(2, 2), batch[..10]));

        byte[] tooShort = Of(3, 2);
        tooShort.AsSpan(8, 4).Clear();
        Assert.Equal($"{tooShort.Length} bytes behind offset 2 are no whole batch", WhyNot(Of(2, 2), tooShort));
    }

    private static string WhyNot(params byte[][] batches)
    {
        using LogHarness harness = EndsAtTwo();
        Assert.False(harness.Log.TrySplitReplicated(Run(batches), LeaderEpoch, [], out string reason));
        return reason;
    }

    private static LogHarness EndsAtTwo()
    {
        var harness = new LogHarness();
        harness.Open();
        harness.Append(records: 2);
        Assert.Equal(2, harness.Log.LogEndOffset);
        return harness;
    }

    private static byte[] Of(long offset, int epoch, int records = 1) => Batches.At(offset, epoch, Batches.Make(records, 10, 1));

    private static byte[] Run(params byte[][] batches) => [.. batches.SelectMany(batch => batch)];
}
