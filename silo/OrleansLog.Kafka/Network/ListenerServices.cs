using Microsoft.Extensions.Logging;
using OrleansLog.Core.Configuration;
using OrleansLog.Grains.Diagnostics;
using OrleansLog.Kafka.Diagnostics;
using OrleansLog.Kafka.Dispatch;
using OrleansLog.Kafka.Network.Sockets;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Network;

/// <summary>What all connections of a broker share.</summary>
internal sealed class ListenerServices(
    ApiTable apis, FrameMemory memory, EventLoops loops, RequestMetrics metrics, TrafficGate gate, TimeProvider time, ILogger logger)
{
    /// <summary>Makes them, with the memory for requests that the settings allow.</summary>
    public static ListenerServices For(
        BrokerConfig config, ApiTable apis, EventLoops loops, RequestMetrics metrics, TrafficGate gate, TimeProvider time, ILogger logger) =>
        new(apis, new FrameMemory(FrameMemory.LimitBytes(config.QueuedMaxRequestBytes, config.SocketRequestMaxBytes)), loops, metrics, gate, time, logger);

    public ApiTable Apis { get; } = apis;

    public FrameMemory Memory { get; } = memory;

    public EventLoops Loops { get; } = loops;

    public RequestMetrics Metrics { get; } = metrics;

    public TrafficGate Gate { get; } = gate;

    public TimeProvider Time { get; } = time;

    public ILogger Logger { get; } = logger;

    public Complaints Complaints { get; } = new(time);

    public StringCache Strings { get; } = new();
}
