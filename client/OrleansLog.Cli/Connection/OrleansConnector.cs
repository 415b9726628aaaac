using System.Net.Sockets;
using OrleansLog.Client;

namespace OrleansLog.Cli;

/// <summary>Connects over Orleans. Knocks at the gateways first: where nobody listens, that is said at once.</summary>
internal sealed class OrleansConnector : IConnector
{
    private static readonly TimeSpan KnockTimeout = TimeSpan.FromSeconds(2);

    public async Task<ILogClient> ConnectAsync(ConnectionSettings settings, CancellationToken cancellationToken)
    {
        await KnockAsync(settings, cancellationToken);
        try
        {
            return await LogClient.ConnectAsync(
                new LogClientOptions
                {
                    Gateways = [.. settings.Gateways],
                    ClusterId = settings.ClusterId,
                    ServiceId = settings.ServiceId,
                    ConnectTimeoutMs = (int)settings.ConnectTimeout.TotalMilliseconds,
                    RequestTimeoutMs = (int)settings.RequestTimeout.TotalMilliseconds,
                },
                cancellationToken);
        }
        catch (LogException e)
        {
            // Somebody listens there, and is no silo of this cluster.
            var cause = e.InnerException is { } inner and not OperationCanceledException ? $": {inner.Message.ReplaceLineEndings(" ")}" : "";
            throw new CliException(
                ExitCode.CannotConnect,
                $"no OrleansLog silo of cluster '{settings.ClusterId}' answers at {string.Join(", ", settings.Gateways)}{cause}", e);
        }
    }

    private static async Task KnockAsync(ConnectionSettings settings, CancellationToken cancellationToken)
    {
        var refusals = new List<string>();
        foreach (var gateway in settings.Gateways)
        {
            if (await TryKnockAsync(gateway, settings.ConnectTimeout, cancellationToken) is not { } refusal)
            {
                return;
            }

            refusals.Add($"{gateway} ({refusal})");
        }

        throw new CliException(
            ExitCode.CannotConnect, $"no silo answers at {string.Join(", ", refusals)}; start one, or name another with --gateway or OLOG_GATEWAY");
    }

    private static async Task<string?> TryKnockAsync(string gateway, TimeSpan connectTimeout, CancellationToken cancellationToken)
    {
        var (host, port) = GatewayList.Split(gateway);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(connectTimeout < KnockTimeout ? connectTimeout : KnockTimeout);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(host, port, limit.Token);
            return null;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode switch
            {
                SocketError.ConnectionRefused => "connection refused",
                SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData => "unknown host",
                _ => e.Message,
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return "no answer";
        }
    }
}
