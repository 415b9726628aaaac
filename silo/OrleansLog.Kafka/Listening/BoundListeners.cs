using OrleansLog.Core.Configuration;

namespace OrleansLog.Kafka.Listening;

/// <summary>What is bound, for those who only want to know; <see cref="KafkaListeners"/> fills it.</summary>
internal sealed class BoundListeners : IKafkaListeners
{
    private volatile IReadOnlyList<(ListenerEndpoint Endpoint, ListenerSetting Setting)> _all = [];

    /// <inheritdoc/>
    public IReadOnlyList<ListenerEndpoint> Bound { get; private set; } = [];

    /// <summary>A bound listener and its setting, or null.</summary>
    public (ListenerEndpoint Endpoint, ListenerSetting Setting)? Find(string name)
    {
        foreach (var one in _all)
        {
            if (one.Endpoint.Name == name)
                return one;
        }

        return null;
    }

    public void Set(IReadOnlyList<(ListenerEndpoint Endpoint, ListenerSetting Setting)> all)
    {
        _all = all;
        Bound = [.. all.Select(static one => one.Endpoint)];
    }
}
