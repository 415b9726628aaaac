namespace OrleansLog.Grains;

/// <summary>The highest controller epoch that this silo has seen.</summary>
internal sealed class SeenController(MetadataCache cache)
{
    private long _epoch = -1;

    /// <summary>The epoch, as calls tell it to the controller; -1 before any answer.</summary>
    public long Epoch => Interlocked.Read(ref _epoch);

    /// <summary>Answers of a controller that was replaced meanwhile are not heard (D2).</summary>
    public bool Accepts(long controllerEpoch)
    {
        if (controllerEpoch < Math.Max(Epoch, cache.Current.ControllerEpoch))
        {
            return false;
        }

        Interlocked.Exchange(ref _epoch, controllerEpoch);
        return true;
    }
}
