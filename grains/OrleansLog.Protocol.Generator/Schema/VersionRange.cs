using System.Globalization;

namespace OrleansLog.Protocol.Generator.Schema;

/// <summary>Versions from..to, both included; "9+" has no end.</summary>
internal readonly record struct VersionRange(int From, int To)
{
    public const int NoEnd = short.MaxValue;

    public static readonly VersionRange All = new(0, NoEnd);

    /// <summary>Reads "3", "3-7" or "3+".</summary>
    public static bool TryParse(string text, out VersionRange range)
    {
        range = default;
        if (text.Length == 0 || text[0] is < '0' or > '9') return false;
        if (text[text.Length - 1] == '+')
        {
            if (!TryNumber(text.Substring(0, text.Length - 1), out int open)) return false;
            range = new VersionRange(open, NoEnd);
            return true;
        }

        int dash = text.IndexOf('-');
        if (!TryNumber(dash < 0 ? text : text.Substring(0, dash), out int from)) return false;
        int to = from;
        if (dash >= 0 && !TryNumber(text.Substring(dash + 1), out to)) return false;
        range = new VersionRange(from, to);
        return from <= to;
    }

    public bool Contains(int version) => version >= From && version <= To;

    /// <summary>The C# condition on "version" inside a message of these versions; null if it is always met.</summary>
    public string? Condition(VersionRange message)
    {
        bool low = From > message.From;
        bool high = To < message.To;
        if (low && high) return From == To ? $"version == {From}" : $"version is >= {From} and <= {To}";
        if (low) return $"version >= {From}";
        return high ? $"version <= {To}" : null;
    }

    public override string ToString() => From == To ? $"{From}" : To == NoEnd ? $"{From}+" : $"{From}-{To}";

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < NoEnd;
}
