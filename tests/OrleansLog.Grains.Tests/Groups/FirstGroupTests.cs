using OrleansLog.Grains.Tests.Silo;

namespace OrleansLog.Grains.Tests.Groups;

/// <summary>The very first call about groups comes to a grain: nobody looked for a coordinator before, so there is no <c>__consumer_offsets</c> yet.</summary>
public sealed class FirstGroupTests(OneSilo silo) : IClassFixture<OneSilo>
{
    [Fact]
    public async Task The_first_group_of_a_cluster_may_come_over_its_grain()
    {
        var grain = silo.Grains.GetGroup("the first");

        var member = await GroupMember.JoinAsync((call, _) => grain.JoinAsync(call), "the first");

        Assert.Equal(ErrorCode.None, (await grain.SyncAsync(member.Lead([1]))).Error);
    }
}
