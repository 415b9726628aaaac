using OrleansLog.Kafka.Network;
using OrleansLog.TestKit;

namespace OrleansLog.Kafka.Tests.Network;

public class TrafficGateTests
{
    private readonly TrafficGate _gate = new();

    [Fact]
    public void An_open_gate_lets_pass_and_allocates_nothing()
    {
        Assert.False(_gate.IsClosed);
        Assert.True(_gate.PassAsync().IsCompletedSuccessfully);
        Assert.Equal(0, Allocations.LeastOf(() => _ = _gate.IsClosed ? null : _gate.PassAsync()));
    }

    [Fact]
    public async Task What_waits_at_a_closed_gate_goes_on_when_it_is_opened()
    {
        _gate.Close();
        var waiting = _gate.PassAsync();
        _gate.Close();
        Assert.True(_gate.IsClosed);
        Assert.False(waiting.IsCompleted);
        Assert.Same(waiting, _gate.PassAsync());

        _gate.Open();
        _gate.Open();
        await waiting;
        Assert.False(_gate.IsClosed);
    }

    [Fact]
    public async Task Nothing_passes_a_gate_that_is_closed_for_good()
    {
        _gate.Close();
        var waiting = _gate.PassAsync();
        _gate.CloseForGood();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(_gate.PassAsync);
        Assert.True(_gate.IsClosed);
    }
}
