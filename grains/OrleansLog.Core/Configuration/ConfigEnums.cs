namespace OrleansLog.Core.Configuration;

/// <summary>What kind of value a key takes.</summary>
public enum ConfigType
{
    /// <summary><c>true</c> or <c>false</c>.</summary>
    Boolean,

    /// <summary>A 32-bit integer.</summary>
    Int,

    /// <summary>A 64-bit integer.</summary>
    Long,

    /// <summary>A decimal number with a point.</summary>
    Double,

    /// <summary>Any text.</summary>
    String,

    /// <summary>One of <see cref="ConfigDefinition.AllowedValues"/>.</summary>
    Enum,

    /// <summary>Values separated by commas.</summary>
    List,

    /// <summary>Text that is never shown.</summary>
    Password,
}

/// <summary>What a number counts. Keys in bytes also accept <c>k</c>, <c>m</c>, <c>g</c>, <c>KiB</c>, <c>MiB</c>, <c>GiB</c>.</summary>
public enum ConfigUnit
{
    /// <summary>A plain number.</summary>
    None,

    /// <summary>Bytes.</summary>
    Bytes,

    /// <summary>Milliseconds.</summary>
    Milliseconds,

    /// <summary>Seconds.</summary>
    Seconds,

    /// <summary>Minutes.</summary>
    Minutes,

    /// <summary>Hours.</summary>
    Hours,
}

/// <summary>Where a key may be set.</summary>
[Flags]
public enum ConfigScope
{
    /// <summary>On a broker.</summary>
    Broker = 1,

    /// <summary>On a topic.</summary>
    Topic = 2,

    /// <summary>On a broker, as the default of its topics, and on a topic, under the same name.</summary>
    Both = Broker | Topic,
}

/// <summary>What OrleansLog does with a key today.</summary>
public enum ConfigSupport
{
    /// <summary>It has the effect its documentation says.</summary>
    Supported,

    /// <summary>It is checked and shown but changes nothing here; <see cref="ConfigDefinition.SupportNote"/> says why.</summary>
    AcceptedNoEffect,

    /// <summary>It is known, its feature is not there yet; setting it is reported at start.</summary>
    NotYet,
}

/// <summary>How a key can change while a broker runs.</summary>
public enum ConfigUpdateMode
{
    /// <summary>Only by a restart.</summary>
    ReadOnly,

    /// <summary>For one broker or for all of them.</summary>
    PerBroker,

    /// <summary>For all brokers; a value for one broker exists for testing.</summary>
    ClusterWide,
}

/// <summary>Where a value comes from, with Kafka's numbers (DescribeConfigs).</summary>
public enum ConfigSource
{
    /// <summary>Not told.</summary>
    Unknown = 0,

    /// <summary>Set on the topic.</summary>
    DynamicTopicConfig = 1,

    /// <summary>Set on one broker while it runs.</summary>
    DynamicBrokerConfig = 2,

    /// <summary>Set for all brokers while they run.</summary>
    DynamicDefaultBrokerConfig = 3,

    /// <summary>Given to the broker at its start.</summary>
    StaticBrokerConfig = 4,

    /// <summary>The built-in default.</summary>
    DefaultConfig = 5,
}

/// <summary>When a stored record counts as stored (<c>orleanslog.flush.policy</c>, D4).</summary>
public enum FlushPolicy
{
    /// <summary>In the page cache; the operating system writes it back.</summary>
    Os,

    /// <summary>In the page cache; fsync follows after <c>flush.ms</c> or <c>flush.messages</c>.</summary>
    Interval,

    /// <summary>After fsync.</summary>
    Ack,
}
