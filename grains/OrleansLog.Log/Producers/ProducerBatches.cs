using System.Runtime.CompilerServices;

namespace OrleansLog.Log;

/// <summary>The last batches of a producer, oldest first, in place.</summary>
[InlineArray(Capacity)]
internal struct ProducerBatches
{
    /// <summary>As many as Kafka's clients keep under way (<c>max.in.flight.requests.per.connection</c> with idempotence).</summary>
    internal const int Capacity = 5;

    private ProducerBatch _first;
}
