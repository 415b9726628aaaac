using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using OrleansLog.Grains.Placement;

namespace OrleansLog.Grains;

/// <summary>
/// Finds that the process of the controller's silo is gone, when a connection between silos ends: nobody listens at the silo's port any more. Orleans is told to take the
/// silo for dead, and whoever waits at the controller for news goes on with another one. Followers find out about a broker by themselves
/// (<see cref="Replication.UnreachableReports"/>); nobody follows a silo that is only a controller.
/// </summary>
internal sealed partial class ControllerWatch(
    SiloConnectionEnds ends, MetadataCache metadata, IClusterMembershipService membership, SiloDeaths deaths, ILocalSiloDetails silo, TimeProvider time, ILogger<ControllerWatch> logger)
    : SiloLoop(nameof(ControllerWatch))
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(1);

    /// <summary>A process that ends closes its sockets one after the other, the one that listens perhaps last.</summary>
    private static readonly TimeSpan[] Pauses = [TimeSpan.Zero, TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(250)];

    protected override async Task RunAsync(CancellationToken stopping)
    {
        await foreach (var address in ends.Reader.ReadAllAsync(stopping))
        {
            try
            {
                await LookAsync(address, stopping);
            }
            catch (Exception e) when (!stopping.IsCancellationRequested)
            {
                // Orleans' probes find it, too.
                LogFailed(logger, e);
            }
        }
    }

    private async Task LookAsync(IPAddress? ended, CancellationToken stopping)
    {
        foreach (var pause in Pauses)
        {
            await Task.Delay(pause, time, stopping);
            if (Suspect(ended) is not { } suspect)
                return;

            if (await deaths.IsTakenForDeadAsync(suspect, await IsClosedAsync(suspect.Endpoint, stopping)))
                return;
        }
    }

    /// <summary>The controller's silo, if it is another one that has not said that it goes, at the address with which a connection has ended; else null.</summary>
    private SiloAddress? Suspect(IPAddress? ended)
    {
        if (!SiloNames.TryParse(metadata.Current.ControllerSilo, out var controller))
            return null;

        var isThere = ended is null || controller.Endpoint.Address.Equals(ended.IsIPv4MappedToIPv6 ? ended.MapToIPv4() : ended);
        return isThere && !controller.Equals(silo.SiloAddress) && membership.CurrentSnapshot.GetSiloStatus(controller) == SiloStatus.Active ? controller : null;
    }

    /// <summary>Whether the machine is there and says that nobody listens. One that says nothing may be cut off, and one that stands still has its port open.</summary>
    private static async Task<bool> IsClosedAsync(IPEndPoint endpoint, CancellationToken stopping)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        limit.CancelAfter(ConnectTimeout);
        using var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(endpoint, limit.Token);
            return false;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode == SocketError.ConnectionRefused;
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return false;
        }
    }

    [LoggerMessage(1221, LogLevel.Debug, "Whether the controller's silo is gone could not be found out; Orleans' probes will")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
