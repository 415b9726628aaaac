using System.Text;
using OrleansLog.Core.Controller;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Tests.Controller;

public class ProducerIdRulesTests
{
    private readonly ControllerFixture _controller = new();

    [Fact]
    public void Each_block_begins_where_the_one_before_ended_whoever_asks()
    {
        _controller.Register(1);
        _controller.Register(2);
        Assert.Equal(0, Allocate(1).FirstId);
        Assert.Equal(1000, Allocate(2).FirstId);
        Assert.Equal(2000, Allocate(1).FirstId);
        Assert.Equal(3000, _controller.Image.NextProducerId);
    }

    [Fact]
    public void A_block_is_answered_once_it_is_persisted()
    {
        _controller.Register(1);
        var decision = _controller.State.AllocateProducerIds(1, _controller.Image.Brokers[1].Epoch);
        Assert.True(decision.PersistedAt > _controller.Image.Version);
    }

    [Fact]
    public void A_registration_that_was_replaced_gets_none()
    {
        _controller.Register(1);
        var epoch = _controller.Image.Brokers[1].Epoch;
        Assert.Equal(ErrorCode.StaleBrokerEpoch, _controller.Do(state => state.AllocateProducerIds(1, epoch - 1)).Error);
        Assert.Equal(ErrorCode.StaleBrokerEpoch, _controller.Do(state => state.AllocateProducerIds(9, epoch)).Error);
        Assert.Equal(0, _controller.Image.NextProducerId);
    }

    [Fact]
    public void A_snapshot_keeps_what_was_given_out()
    {
        _controller.Register(1);
        Allocate(1);
        var restored = MetadataImage.FromSnapshot(9, MetadataRecordCodec.Decode(MetadataRecordCodec.Encode(9, 1, _controller.Image.ToRecords())).Records);
        Assert.Equal(1000, restored.NextProducerId);
    }

    [Fact]
    public void A_build_that_does_not_know_the_record_may_skip_it_and_what_it_kept_is_not_given_out_again()
    {
        var text = Encoding.UTF8.GetString(MetadataRecordCodec.Encode(1, 1, [new ProducerIdsRecord(1, 5, 1000)]));
        Assert.Contains("\"type\":\"producer-ids\",\"v\":0,\"optional\":true", text, StringComparison.Ordinal);
        var image = MetadataImage.Empty.Apply(1, [new ProducerIdsRecord(1, 5, 3000), new ProducerIdsRecord(1, 5, 1000)]).Current;
        Assert.Equal(3000, image.NextProducerId);
    }

    private ProducerIdsAnswer Allocate(int brokerId) =>
        _controller.Do(state => state.AllocateProducerIds(brokerId, _controller.Image.Brokers[brokerId].Epoch));
}
