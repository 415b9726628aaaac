using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Dispatch;

/// <summary>One API of Kafka's protocol, as this broker serves it. What is registered is advertised, and nothing else is.</summary>
internal interface IApiHandler
{
    /// <summary>Which API.</summary>
    ApiKey ApiKey { get; }

    /// <summary>What its requests are called in metrics.</summary>
    string MetricName => ApiCatalog.NameOf(ApiKey);

    /// <summary>Lowest version that is advertised.</summary>
    short MinVersion { get; }

    /// <summary>Highest version that is advertised.</summary>
    short MaxVersion { get; }

    /// <summary>True when its requests on one connection do not wait for each other: they start in order, and each is short on the receiving thread.</summary>
    bool MayOverlap => false;

    /// <summary>True when its requests wait for as long as the client asks: for records, for the others of a group.</summary>
    bool WaitsAsAsked => false;

    /// <summary>Reads the body; null with the reader's fault when the bytes are none.</summary>
    IMessage? Read(ref MessageReader reader, short version);

    /// <summary>Answers; null for no answer. Never throws.</summary>
    ValueTask<IMessage?> HandleAsync(IMessage request, RequestContext context);
}
