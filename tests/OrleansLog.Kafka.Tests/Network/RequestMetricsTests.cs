using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using OrleansLog.Kafka.Tests.Hostile;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Tests.Network;

/// <summary>What the instruments say about requests: those of the whole process, so nothing else runs beside it.</summary>
[Collection(Alone.Name)]
public class RequestMetricsTests(SharedBroker shared) : IClassFixture<SharedBroker>
{
    private const string Api = nameof(ApiKey.DescribeLogDirs);

    [Fact]
    public async Task A_request_is_counted_with_its_bytes_and_its_times()
    {
        var sums = new ConcurrentDictionary<string, double>();
        var counts = new ConcurrentDictionary<string, int>();
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Meter.Name == "OrleansLog")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.Start();

        using var client = await shared.Broker.ConnectRawAsync();
        var frame = RawClient.Frame(new DescribeLogDirsRequestData { Topics = null }, 1, 1);
        for (var i = 0; i < 3; i++)
        {
            await client.SendAsync(frame);
            await client.ReceiveAsync();
        }

        // The last one is counted after it is sent: the next request starts behind that.
        await client.AskAsync<ApiVersionsRequestData, ApiVersionsResponseData>(new(), 0);
        Assert.Equal(3, sums["orleanslog.requests"]);
        Assert.Equal(3 * (frame.Length - sizeof(int)), sums["orleanslog.request.bytes.in"]);
        Assert.True(sums["orleanslog.request.bytes.out"] > 3 * sizeof(int));
        Assert.False(sums.ContainsKey("orleanslog.request.errors"));
        foreach (var time in new[] { "queue.", "local.", "remote.", "send.", "" })
        {
            Assert.Equal(3, counts[$"orleanslog.request.{time}duration"]);
            Assert.InRange(sums[$"orleanslog.request.{time}duration"], 0, 60);
        }

        // Errors are told by their names, each as often as it is in an answer.
        var refused = new OffsetForLeaderEpochRequestData { Topics = [new() { Topic = "missing", Partitions = [new() { Partition = 0 }, new() { Partition = 1 }] }] };
        await client.AskAsync<OffsetForLeaderEpochRequestData, OffsetForLeaderEpochResponseData>(refused, 4);
        await client.AskAsync<ApiVersionsRequestData, ApiVersionsResponseData>(new(), 0);
        Assert.Equal(2, sums["UNKNOWN_TOPIC_OR_PARTITION"]);

        void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            foreach (var (key, tag) in tags)
            {
                if (key == "error" && tag is string error)
                    sums.AddOrUpdate(error, value, (_, sum) => sum + value);

                if (key != "api" || tag as string != Api)
                    continue;

                sums.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value);
                counts.AddOrUpdate(instrument.Name, 1, (_, count) => count + 1);
            }
        }
    }
}
