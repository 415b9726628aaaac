namespace OrleansLog.Bench;

/// <summary>How much each row does.</summary>
/// <param name="IsQuick">True for a short run that shows whether everything works; its figures say little.</param>
internal sealed record Scale(bool IsQuick)
{
    private const int QuickShare = 8;

    /// <summary>Slices of <see cref="SliceBytes"/> in one measurement; the topic is cut off after each.</summary>
    public int Slices => IsQuick ? 2 : 16;

    /// <summary>Bytes of one slice: few enough that the next one finds the same pages again.</summary>
    public const int SliceBytes = 64 << 20;

    /// <summary>A number of records, requests or connections.</summary>
    public int Of(int full) => IsQuick ? full / QuickShare : full;
}
