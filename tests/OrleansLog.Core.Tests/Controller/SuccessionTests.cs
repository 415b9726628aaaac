using OrleansLog.Core.Controller;

namespace OrleansLog.Core.Tests.Controller;

public class SuccessionTests
{
    [Theory]
    [InlineData(0, 0, false, true)]
    [InlineData(1, 0, false, false)]
    [InlineData(1, 1, false, true)]
    [InlineData(1, 1, true, false)]
    [InlineData(2, 1, false, true)]
    [InlineData(3, 1, false, false)]
    [InlineData(3, 2, false, true)]
    [InlineData(3, 3, true, false)]
    public void A_silent_controller_is_followed_where_nobody_hears_it_and_half_of_the_others_can_be_asked(int asked, int answered, bool isHeard, bool may) =>
        Assert.Equal(may, Succession.MayTakeOver(asked, answered, isHeard));
}
