namespace OrleansLog.Client;

/// <summary>The type with nothing in it: a key or value that is always null.</summary>
/// <example><code>await using var producer = log.CreateProducer&lt;Unit, string&gt;();</code></example>
public readonly record struct Unit
{
    /// <summary>The one value.</summary>
    public static Unit Value => default;
}
