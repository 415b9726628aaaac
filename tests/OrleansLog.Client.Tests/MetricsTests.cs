using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace OrleansLog.Client.Tests;

public sealed class MetricsTests : GroupTest
{
    [Fact]
    public async Task What_is_produced_consumed_committed_and_left_is_counted()
    {
        // A topic and a group of its own: other tests count too.
        const string topic = "measured";
        Cluster.AddTopic(topic);
        var sums = new ConcurrentDictionary<string, double>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == "OrleansLog.Client")
                listener.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, 1, tags));
        listener.Start();

        await using var producer = Grouped.CreateProducer<string, string>();
        for (var i = 0; i < 5; i++)
            await PassTimeUntil(producer.ProduceAsync(topic, "k", $"{i}").AsTask());
        var group = Options();
        group.GroupId = topic;
        await using (var member = Join(group, Subscription.To(topic)))
        {
            await PassTimeUntil(() => member.Read.Count >= 5 && Coordinator.Committed(topic, new TopicPartition(topic, 0)) == 5);
            listener.RecordObservableInstruments();
        }

        Assert.Equal(5, sums["orleanslog.client.produced.records"]);
        Assert.Equal(5, sums["orleanslog.client.consumed.records"]);
        Assert.True(sums["orleanslog.client.fetched.bytes"] > 0);
        Assert.Equal(1, sums["orleanslog.client.group.rebalances"]);
        Assert.True(sums["orleanslog.client.group.commit.duration"] >= 1);
        Assert.Equal(0, sums["orleanslog.client.consumer.lag"]);

        void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            foreach (var tag in tags)
            {
                if (tag.Key is "topic" or "group" && topic.Equals(tag.Value))
                {
                    sums.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value);
                    return;
                }
            }
        }
    }
}
