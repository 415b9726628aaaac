using OrleansLog.Grains.Tests.Replication;

namespace OrleansLog.Grains.Tests.Silo;

/// <summary>What the controller does about a broker that another one finds silent.</summary>
public sealed class SilentBrokerTests(OneSilo silo) : IClassFixture<OneSilo>
{
    private const int Reporter = 7;

    /// <summary>Registered and unfenced, but there is no silo of it.</summary>
    private const int Mute = 8;

    [Fact]
    public async Task It_is_fenced_only_if_it_does_not_answer_the_controller_either()
    {
        var controller = silo.Grains.GetGrain<IControllerGrain>(silo.Metadata.Current.ControllerSilo);
        var reporterEpoch = await JoinAsync(controller, Reporter);
        var muteEpoch = await JoinAsync(controller, Mute);
        var self = silo.Metadata.Current.Brokers[OneSilo.BrokerId];

        Assert.Equal(ErrorCode.None, await controller.ReportUnreachableAsync(Reporter, reporterEpoch, OneSilo.BrokerId, self.Epoch, isSilent: true));
        Assert.Equal(ErrorCode.None, await controller.ReportUnreachableAsync(Reporter, reporterEpoch, Mute, muteEpoch, isSilent: true));

        await BrokerTrio.UntilAsync(() => silo.Metadata.Current.Brokers[Mute].Fenced, "it is not fenced");
        Assert.False(silo.Metadata.Current.Brokers[OneSilo.BrokerId].Fenced);
    }

    private async Task<long> JoinAsync(IControllerGrain controller, int id)
    {
        var joined = await controller.RegisterBrokerAsync(new BrokerRegistration
        {
            NodeId = id,
            IncarnationId = Guid.NewGuid(),
            SiloAddress = $"127.0.0.1:{id}@1",
            DirectoryIds = [Guid.NewGuid()],
        });
        await controller.HeartbeatAsync(new BrokerHeartbeat { NodeId = id, BrokerEpoch = joined.BrokerEpoch, AppliedVersion = joined.BrokerEpoch });
        await BrokerTrio.UntilAsync(() => silo.Metadata.Current.Brokers.TryGetValue(id, out var broker) && !broker.Fenced, "it is fenced");
        return joined.BrokerEpoch;
    }
}
