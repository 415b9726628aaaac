using OrleansLog.Core.Controller;

namespace OrleansLog.Grains;

/// <summary>Brings the cache forward by what a heartbeat returned.</summary>
internal static class MetadataFeed
{
    /// <summary>Applies a snapshot and versions in order; what is applied already is skipped.</summary>
    /// <exception cref="MetadataFormatException">They do not fit, or are from a newer build.</exception>
    public static void Apply(MetadataCache cache, MetadataEntry? snapshot, MetadataEntry[] entries)
    {
        lock (cache.FeedGate)
        {
            if (snapshot is not null && snapshot.Version > cache.Version)
            {
                var image = MetadataImage.FromSnapshot(snapshot.Version, MetadataRecordCodec.Decode(snapshot.Payload).Records);
                cache.Publish(MetadataDelta.Between(cache.Current, image));
            }

            foreach (var entry in entries)
            {
                if (entry.Version > cache.Version)
                {
                    cache.Publish(cache.Current.Apply(entry.Version, MetadataRecordCodec.Decode(entry.Payload).Records));
                }
            }
        }
    }
}
