using OrleansLog.Protocol;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Kafka.Tests.Golden;

/// <summary>What the recorded broker made up, and what ours made up in its place: ids of topics, members, producers and fetch sessions.</summary>
internal sealed class Substitutions
{
    /// <summary>Fields whose values a broker makes up.</summary>
    private static readonly HashSet<string> MadeUp = new(StringComparer.Ordinal) { "TopicId", "MemberId", "Leader", "ProducerId", "SessionId" };

    private readonly Dictionary<object, object> _ours = [];

    public static bool IsMadeUp(string field) => MadeUp.Contains(field);

    /// <summary>What stands here for a recorded value; itself where nothing does.</summary>
    public object Translate(object recorded) => _ours.GetValueOrDefault(KeyOf(recorded), recorded);

    /// <summary>Notes the pair; false when the recorded value stands for another one already.</summary>
    public bool Learn(object recorded, object ours) => _ours.TryAdd(KeyOf(recorded), ours) || _ours[KeyOf(recorded)].Equals(ours);

    /// <summary>Puts ours in the place of what was recorded, everywhere in a request.</summary>
    public void Apply(object message)
    {
        foreach (var (property, value) in MessageFields.Of(message))
        {
            if (value is Memory<byte> records && property.Name == "Records")
                TranslateProducer(records.Span);
            else if (value is not null && IsMadeUp(property.Name))
                property.SetValue(message, Translate(value));
            else
                MessageFields.ForEachNested(value, Apply);
        }
    }

    /// <summary>The producer id lies in the batch itself, under its checksum.</summary>
    private void TranslateProducer(Span<byte> batch)
    {
        if (!RecordBatchHeader.TryRead(batch, out var header) || header.ProducerId < 0 || Translate(header.ProducerId) is not long ours || ours == header.ProducerId)
            return;

        RecordedBatch.SetProducerId(batch, ours);
    }

    /// <summary>Numbers of different fields must not be taken for each other: the type tells them apart.</summary>
    private static object KeyOf(object value) => value;
}
