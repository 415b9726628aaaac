using OrleansLog.Protocol.Messages;

namespace OrleansLog.Client;

/// <summary>Which versions of which APIs a broker serves.</summary>
internal sealed class ApiVersionTable
{
    private const short KeysMax = 1_024;

    private readonly Dictionary<ApiKey, (short Min, short Max)> _ranges = [];

    public int Count => _ranges.Count;

    public void Add(short key, short min, short max)
    {
        if (key is >= 0 and < KeysMax && min >= 0 && min <= max)
            _ranges[(ApiKey)key] = (min, max);
    }

    /// <summary>The highest version that both sides speak, or -1.</summary>
    public short Choose(ApiKey key, short min, short max) =>
        _ranges.TryGetValue(key, out var range) && Math.Min(max, range.Max) is var highest && highest >= Math.Max(min, range.Min) ? highest : (short)-1;

    /// <summary>What the broker serves of an API, for a message.</summary>
    public string Describe(ApiKey key) => _ranges.TryGetValue(key, out var range) ? $"{range.Min} to {range.Max}" : "none";
}
