namespace OrleansLog.Client;

/// <summary>What all connections of a transport share.</summary>
internal sealed class KafkaEnvironment(LogClientOptions options, TimeProvider time)
{
    public LogClientOptions Options { get; } = options;

    public TimeProvider Time { get; } = time;

    public FramePool Frames { get; } = new(options.IdleReceiveBytes);

    public Protocol.Messages.StringCache Strings { get; } = new();

    public long After(long now, long milliseconds) => now + (milliseconds * Time.TimestampFrequency / 1_000);
}
