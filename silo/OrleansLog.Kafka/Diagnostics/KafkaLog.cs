using System.Net;
using Microsoft.Extensions.Logging;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Diagnostics;

/// <summary>What the listeners log, with event ids from 3000.</summary>
internal static partial class KafkaLog
{
    [LoggerMessage(3000, LogLevel.Information, "Listener {Name} is bound to {Endpoint}, clients are told {Host}:{Port}")]
    public static partial void ListenerBound(this ILogger logger, string name, EndPoint endpoint, string host, int port);

    [LoggerMessage(3001, LogLevel.Information, "The listeners stopped in {ElapsedMs} ms: {Connections} connections were open, {Cut} had to be cut")]
    public static partial void ListenersStopped(this ILogger logger, long elapsedMs, int connections, int cut);

    [LoggerMessage(3002, LogLevel.Error, "Listener {Name} cannot accept connections, and tries again: {Reason} ({Others} more such lines held back)")]
    public static partial void AcceptFailed(this ILogger logger, string name, string reason, int others, Exception? error);

    [LoggerMessage(3003, LogLevel.Warning, "Listener {Name}: {Address} has {Count} connections, which is max.connections.per.ip; another one was closed ({Others} more such lines held back)")]
    public static partial void TooManyOfAddress(this ILogger logger, string name, IPAddress address, int count, int others);

    [LoggerMessage(3004, LogLevel.Warning, "Listener {Name}: max.connections={Most} are open; others wait until one ends")]
    public static partial void TooManyConnections(this ILogger logger, string name, int most);

    [LoggerMessage(3005, LogLevel.Warning, "Listener {Name}: a connection of {Address} was closed: this process may have {Limit} files and sockets open, and what is left is for its logs; raise the limit (ulimit -n, LimitNOFILE) ({Others} more such lines held back)")]
    public static partial void OutOfHandles(this ILogger logger, string name, IPAddress address, int limit, int others);

    [LoggerMessage(3010, LogLevel.Warning, "The connection of {Remote} is closed, because of its request ({Request}): {Reason} ({Others} more such lines held back)")]
    public static partial void RequestRefused(this ILogger logger, EndPoint remote, string request, string reason, int others);

    [LoggerMessage(3011, LogLevel.Warning, "{Remote} speaks {Protocol} to listener {Name}, which speaks Kafka's protocol in plain text: closed ({Others} more such lines held back)")]
    public static partial void ForeignProtocol(this ILogger logger, EndPoint remote, string name, string protocol, int others);

    [LoggerMessage(3015, LogLevel.Warning, "The connection of {Remote} ({Client}) is closed: its requests hold {HeldBytes} bytes of memory for which others wait, and do not get on (orleanslog.request.pace.min.bytes.per.second; {Others} more such lines held back)")]
    public static partial void CutForMemory(this ILogger logger, EndPoint remote, string client, long heldBytes, int others);

    [LoggerMessage(3012, LogLevel.Debug, "The connection of {Remote} is closed, nothing moved on it for {Quiet}")]
    public static partial void ConnectionIdle(this ILogger logger, EndPoint remote, TimeSpan quiet);

    [LoggerMessage(3013, LogLevel.Error, "The connection of {Remote} failed")]
    public static partial void ConnectionFailed(this ILogger logger, EndPoint remote, Exception error);

    [LoggerMessage(3020, LogLevel.Information, "The other brokers of the cluster reach this one for replication at {Endpoint}")]
    public static partial void ReplicationListenerBound(this ILogger logger, EndPoint endpoint);

    [LoggerMessage(3021, LogLevel.Warning, "{Remote} is refused at the replication listener: {Reason} ({Others} more such lines held back)")]
    public static partial void PeerRefused(this ILogger logger, EndPoint remote, string reason, int others);

    [LoggerMessage(3022, LogLevel.Warning, "Broker {LeaderId} cannot be fetched from: {Reason}. It is tried again until it can")]
    public static partial void LeaderLost(this ILogger logger, int leaderId, string reason);

    [LoggerMessage(3025, LogLevel.Warning, "Broker {LeaderId} has not answered a fetch for {SilenceMs} ms: the controller is told")]
    public static partial void LeaderSilent(this ILogger logger, int leaderId, long silenceMs);

    [LoggerMessage(EventId = 3023, Message = "Replicas are fetched from broker {LeaderId} at {Host}:{Port}")]
    public static partial void LeaderConnected(this ILogger logger, LogLevel level, int leaderId, string host, int port);

    [LoggerMessage(3024, LogLevel.Error, "Fetching from broker {LeaderId} failed in a way that is an error of this broker itself; it is tried again")]
    public static partial void FetcherFailed(this ILogger logger, int leaderId, Exception error);

    [LoggerMessage(3014, LogLevel.Error, "{Api} version {Version} of {Remote} failed; the client was told UNKNOWN_SERVER_ERROR")]
    public static partial void HandlerFailed(this ILogger logger, ApiKey api, short version, EndPoint remote, Exception error);
}
