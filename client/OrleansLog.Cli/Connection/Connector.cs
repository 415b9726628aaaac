using System.Net.Sockets;
using OrleansLog.Client;

namespace OrleansLog.Cli;

/// <summary>Connects over Kafka's protocol, or over Orleans. Knocks first: where nobody listens, that is said at once.</summary>
internal sealed class Connector : IConnector
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
                    BootstrapServers = [.. settings.BootstrapServers],
                    Gateways = [.. settings.Gateways],
                    ClientId = "olog",
                    ClusterId = settings.ClusterId,
                    ServiceId = settings.ServiceId,
                    ConnectTimeoutMs = (int)settings.ConnectTimeout.TotalMilliseconds,
                    RequestTimeoutMs = (int)settings.RequestTimeout.TotalMilliseconds,
                },
                settings.Notes is { } notes ? new NoteLogger(notes) : null,
                cancellationToken);
        }
        catch (LogException e)
        {
            throw new CliException(ExitCode.CannotConnect, settings.Gateways.Count > 0 ? NoSilo(settings, e) : e.Message.TrimEnd('.', ' '), e);
        }
    }

    // Somebody listens there, and is no silo of this cluster.
    private static string NoSilo(ConnectionSettings settings, LogException error)
    {
        var cause = error.InnerException is { } inner and not OperationCanceledException ? $": {inner.Message.ReplaceLineEndings(" ")}" : "";
        return $"no OrleansLog silo of cluster '{settings.ClusterId}' answers at {string.Join(", ", settings.Gateways)}{cause}";
    }

    private static async Task KnockAsync(ConnectionSettings settings, CancellationToken cancellationToken)
    {
        var refusals = new List<string>();
        var isOverOrleans = settings.Gateways.Count > 0;
        foreach (var address in isOverOrleans ? settings.Gateways : settings.BootstrapServers)
        {
            if (await TryKnockAsync(address, settings.ConnectTimeout, cancellationToken) is not { } refusal)
            {
                return;
            }

            refusals.Add($"{address} ({refusal})");
        }

        throw new CliException(
            ExitCode.CannotConnect,
            isOverOrleans
                ? $"no silo answers at {string.Join(", ", refusals)}; start one, or name another with --gateway or {AddressList.GatewayVariable}"
                : $"no broker answers at {string.Join(", ", refusals)}; start one, or name another with --bootstrap-server or {AddressList.BrokerVariable}");
    }

    private static async Task<string?> TryKnockAsync(string address, TimeSpan connectTimeout, CancellationToken cancellationToken)
    {
        var (host, port) = AddressList.Split(address);
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
