namespace OrleansLog.Client;

/// <summary>Works out where a reset moves each partition, always to an offset that the partition has or that comes next.</summary>
internal sealed class OffsetResetPlan(ILogAdmin admin, OffsetReset reset)
{
    public async Task<IReadOnlyList<OffsetResetStep>> MakeAsync(
        TopicPartition[] partitions, CommittedOffset[] committed, CancellationToken cancellationToken)
    {
        var earliest = await OffsetsAsync(partitions, OffsetSpec.Earliest, cancellationToken).ConfigureAwait(false);
        var latest = await OffsetsAsync(partitions, OffsetSpec.Latest, cancellationToken).ConfigureAwait(false);
        var atTime = reset.Target.Kind == StartKind.Timestamp
            ? await OffsetsAsync(partitions, reset.Target.Argument, cancellationToken).ConfigureAwait(false)
            : latest;
        return
        [
            .. partitions.Select((partition, i) =>
            {
                long? now = committed[i].Offset >= 0 ? committed[i].Offset : null;
                return new OffsetResetStep(partition, now, Math.Clamp(Wanted(now, earliest[i], latest[i], atTime[i]), earliest[i], latest[i]));
            }),
        ];
    }

    private long Wanted(long? committed, long earliest, long latest, long atTime)
    {
        if (reset.IsCurrent)
            return committed ?? latest;
        if (reset.Shift is { } shift)
        {
            // An offset that is not there counts from where reading would begin; a shift over the edge ends at the edge.
            var from = committed ?? earliest;
            return shift > long.MaxValue - from ? long.MaxValue : from + shift;
        }

        return reset.Target.Kind switch
        {
            StartKind.Beginning => earliest,
            StartKind.Offset => reset.Target.Argument,
            StartKind.BeforeEnd => latest - reset.Target.Argument,
            StartKind.Timestamp => atTime < 0 ? latest : atTime,
            _ => latest,
        };
    }

    private async Task<long[]> OffsetsAsync(TopicPartition[] partitions, long timestampMs, CancellationToken cancellationToken)
    {
        if (partitions.Length == 0)
            return [];
        var found = await admin.ListOffsetsAsync(
            partitions.Select(partition => new ListOffsetsQuery(partition, timestampMs)), cancellationToken: cancellationToken).ConfigureAwait(false);
        return [.. found.Select((result, i) => result.Error == ErrorCode.None ? result.Offset : throw LogException.From(result.Error, null, partitions[i].Topic))];
    }
}
