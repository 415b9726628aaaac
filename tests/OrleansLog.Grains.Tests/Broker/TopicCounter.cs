using System.Diagnostics.Metrics;
using OrleansLog.Grains.Diagnostics;

namespace OrleansLog.Grains.Tests.Broker;

/// <summary>The sum of one of the broker's counters for one topic; other tests' brokers count on the same meter.</summary>
internal sealed class TopicCounter : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _value;

    public TopicCounter(string instrument, string topic)
    {
        _listener.InstrumentPublished = (published, listener) =>
        {
            if (published.Meter.Name == BrokerMetrics.MeterName && published.Name == instrument)
                listener.EnableMeasurementEvents(published);
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            foreach (var tag in tags)
            {
                if (tag.Key == "topic" && topic.Equals(tag.Value))
                    Interlocked.Add(ref _value, value);
            }
        });
        _listener.Start();
    }

    public long Value => Interlocked.Read(ref _value);

    public void Dispose() => _listener.Dispose();
}
