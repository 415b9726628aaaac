namespace OrleansLog.Simulation.Tests;

/// <summary>
/// A power loss beside a sleeper, by a script where the seeds' events come to it only by chance: one broker loses what it had not synced while another one
/// sleeps, the third leads alone, and goes as soon as one of them is back. Two have to have a record before it is acknowledged.
/// </summary>
public class PowerLossTests
{
    private const int SeedsOfEach = 300;

    [Theory]
    [InlineData("ack", Part.Powerless)]
    [InlineData("ack", Part.Sleeper)]
    [InlineData("ack", Part.Third)]
    [InlineData("os", Part.Powerless)]
    [InlineData("os", Part.Sleeper)]
    [InlineData("os", Part.Third)]
    public void What_is_acknowledged_survives_it(string flushPolicy, Part leading)
    {
        var lost = 0L;
        for (ulong seed = 0; seed < SeedsOfEach; seed++)
            lost += new PowerLossScene(seed, flushPolicy, leading, backFirst: seed % 2 == 0 ? Part.Powerless : Part.Sleeper).Play();

        Assert.True(lost > 0, "no power loss took anything");
    }

    [Theory]
    [InlineData(nameof(ShellMutation.ForgetPowerLoss), "os")]
    [InlineData(nameof(ShellMutation.TakeWritesForSyncs), "ack")]
    public void Who_breaks_what_it_rests_on_is_noticed(string name, string flushPolicy)
    {
        var broken = Enum.Parse<ShellMutation>(name);
        Assert.ThrowsAny<RuleBrokenException>(() =>
        {
            for (ulong seed = 0; seed < SeedsOfEach; seed++)
                new PowerLossScene(seed, flushPolicy, Part.Third, Part.Powerless, broken).Play();
        });
    }
}
