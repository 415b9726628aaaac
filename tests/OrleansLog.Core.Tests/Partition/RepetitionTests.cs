using OrleansLog.Core.Partition;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Tests.Partition;

public sealed class RepetitionTests
{
    [Fact]
    public void The_repetition_of_an_earlier_append_is_answered_with_it_and_not_with_what_came_since()
    {
        var partition = new PartitionFixture(ackPolicy: true);
        partition.Append("first");
        partition.Append("second");
        partition.Append("third");
        Assert.True(partition.State.MustWait(1, AckLevel.All, "first again"));

        partition.State.BecameDurable(1, partition.Decisions);
        Assert.Equal([("first", ErrorCode.None), ("first again", ErrorCode.None)], partition.TakeAnswers());

        partition.State.BecameDurable(3, partition.Decisions);
        Assert.Equal(["second", "third"], partition.TakeAnswers().Select(answer => answer.Ticket));
        Assert.False(partition.State.MustWait(1, AckLevel.All, "once more"));
    }
}
