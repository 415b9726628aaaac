using OrleansLog.Grains.Directories;

namespace OrleansLog.Grains;

/// <summary>What the broker tells the controller about itself, and hears from it (D11).</summary>
public sealed partial class BrokerHost
{
    /// <inheritdoc/>
    ValueTask<BrokerRegistration> IBrokerSessionHost.DescribeBrokerAsync(CancellationToken cancellationToken)
    {
        var directories = Open.Directories;
        var online = directories.Online.ToArray();
        return new(new BrokerRegistration
        {
            NodeId = BrokerId,
            IncarnationId = Guid.Empty,
            SiloAddress = "",
            ClusterId = directories.ClusterId,
            Endpoints = ReplicationEndpoint is { } replication ? [.. Endpoints, replication] : [.. Endpoints],
            Rack = _config.Rack,
            DirectoryIds = [.. online.Select(directory => directory.Id)],
            PreviousBrokerEpoch = online.Max(directory => directory.PreviousBrokerEpoch),
            MayHaveLostUnsynced = online.Any(directory => directory.MayHaveLostUnsynced),
        });
    }

    /// <inheritdoc/>
    async ValueTask IBrokerSessionHost.OnRegisteredAsync(BrokerRegistrationResult registration, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(registration);
        var open = Open;
        _broker.BrokerEpoch = registration.BrokerEpoch;
        await open.Background.CallAsync(() =>
        {
            foreach (var directory in open.Directories.Online.ToList())
                directory.OnRegistered(registration.ClusterId, registration.BrokerEpoch);

            return true;
        }).ConfigureAwait(false);
        open.Replicas.OnRegistered(registration.BrokerEpoch);
    }

    /// <inheritdoc/>
    void IBrokerSessionHost.OnUnfenced()
    {
        if (_open is { } open)
            _takingUp = TakeUpAsync(open, _stopping.Token);
    }

    /// <summary>What the metadata that lets the broker lead asks of it, leaderships with it, is done here; then what these begin.</summary>
    private async Task TakeUpAsync(OpenParts open, CancellationToken stopping)
    {
        var image = _metadata.Current;
        while (!image.Brokers.TryGetValue(BrokerId, out var self) || self.Fenced || self.Epoch != BrokerEpoch)
            image = await _metadata.WaitForVersionAsync(image.Version + 1, stopping).ConfigureAwait(false);

        await open.Replicas.SettledAsync(image.Version).WaitAsync(stopping).ConfigureAwait(false);
        await open.Coordinators.LoadedAsync().WaitAsync(stopping).ConfigureAwait(false);
        _ready.TrySetResult();
    }
}
