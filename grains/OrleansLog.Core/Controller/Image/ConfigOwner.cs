namespace OrleansLog.Core.Controller;

/// <summary>What a dynamic configuration belongs to, as Kafka numbers it.</summary>
public enum ConfigOwnerKind : sbyte
{
    /// <summary>A topic.</summary>
    Topic = 2,

    /// <summary>A broker; the empty name stands for all of them.</summary>
    Broker = 4,
}

/// <summary>Owner of dynamic configuration values.</summary>
/// <param name="Kind">Topic or broker.</param>
/// <param name="Name">Topic name, or broker id as text; empty for all brokers.</param>
public readonly record struct ConfigOwner(ConfigOwnerKind Kind, string Name)
{
    /// <summary>The default of all brokers.</summary>
    public static readonly ConfigOwner AllBrokers = new(ConfigOwnerKind.Broker, "");

    /// <summary>A topic.</summary>
    public static ConfigOwner Topic(string name) => new(ConfigOwnerKind.Topic, name);
}
