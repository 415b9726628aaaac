using OrleansLog.Grains.Diagnostics;
using OrleansLog.Grains.Replicas;
using OrleansLog.Protocol;

namespace OrleansLog.Grains.Replication;

/// <summary>
/// Tells the controller of brokers that cannot be reached. Where such a broker's silo hosts the controller, there is nobody to be told: Orleans is told
/// to take the silo for dead, if its port is closed and so its process gone, and a controller that begins elsewhere then hears of it.
/// </summary>
internal sealed class UnreachableReports(BrokerContext broker, IBrokerCluster cluster)
{
    /// <summary>Tells of a broker.</summary>
    /// <param name="brokerId">The other broker.</param>
    /// <param name="brokerEpoch">Its broker epoch, as it was when it was last reached or tried.</param>
    /// <param name="loss">How it was lost.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>True when the controller knows, or when there is nothing to know; false when it is to be told again.</returns>
    public async Task<bool> ReportAsync(int brokerId, long brokerEpoch, PeerLoss loss, CancellationToken cancellationToken)
    {
        var image = broker.Metadata.Current;
        if (image.FindBroker(brokerId) is not { Fenced: false, ShuttingDown: false } unreachable || unreachable.Epoch != brokerEpoch)
            return true;

        try
        {
            if (image.ControllerSilo == unreachable.SiloAddress && !await IsTakenForDeadAsync(unreachable.SiloAddress, loss).WaitAsync(cancellationToken).ConfigureAwait(false))
                return false;

            return await cluster.ReportUnreachableAsync(broker.BrokerEpoch, brokerId, brokerEpoch, loss).WaitAsync(cancellationToken).ConfigureAwait(false) == ErrorCode.None;
        }
        catch (Exception e)
        {
            // Between two controllers; it is told once there is one again.
            if (!cancellationToken.IsCancellationRequested)
                broker.Logger.ReportFailed(brokerId, e.Message);

            return false;
        }
    }

    private Task<bool> IsTakenForDeadAsync(string siloAddress, PeerLoss loss) => cluster.IsTakenForDeadAsync(siloAddress, isGone: loss == PeerLoss.Gone);
}
