using System.Text.RegularExpressions;

namespace OrleansLog.Client;

/// <summary>Which topics a member of a group wants: by name, or all whose name matches a pattern.</summary>
/// <example>
/// <code>
/// var byName = Subscription.To("orders", "payments");
/// var byPattern = Subscription.Matching("orders-.*");
/// </code>
/// </example>
public sealed class Subscription
{
    /// <summary>Longest time that matching one topic name may take, in milliseconds; a pattern may come from anywhere.</summary>
    public const int MatchTimeoutMs = 250;

    private readonly string[] _topics;
    private readonly Regex? _regex;

    private Subscription(string[] topics, string? pattern, Regex? regex)
    {
        _topics = topics;
        Pattern = pattern;
        _regex = regex;
    }

    /// <summary>The topics that were named; empty for a pattern.</summary>
    public IReadOnlyList<string> Topics => _topics;

    /// <summary>The pattern, or null.</summary>
    public string? Pattern { get; }

    /// <summary>These topics; one that does not exist yet is read as soon as it does.</summary>
    /// <exception cref="ArgumentException">No topic is named, or a name is empty.</exception>
    public static Subscription To(params IEnumerable<string> topics)
    {
        ArgumentNullException.ThrowIfNull(topics);
        string[] names = [.. topics.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (names.Length == 0 || Array.Exists(names, string.IsNullOrEmpty))
            throw new ArgumentException("A subscription names at least one topic, and no empty one.", nameof(topics));
        return new Subscription(names, null, null);
    }

    /// <summary>
    /// All topics whose whole name matches a regular expression, those included that are created later; internal topics never do.
    /// </summary>
    /// <exception cref="ArgumentException">The pattern is empty or no regular expression.</exception>
    public static Subscription Matching(string pattern)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        var regex = new Regex($@"\A(?:{pattern})\z", RegexOptions.CultureInvariant, TimeSpan.FromMilliseconds(MatchTimeoutMs));
        return new Subscription([], pattern, regex);
    }

    /// <inheritdoc/>
    public override string ToString() => Pattern ?? string.Join(", ", _topics);

    /// <exception cref="LogException">The pattern took too long.</exception>
    internal bool Matches(string topic)
    {
        try
        {
            return _regex is null ? Array.BinarySearch(_topics, topic, StringComparer.Ordinal) >= 0 : _regex.IsMatch(topic);
        }
        catch (RegexMatchTimeoutException error)
        {
            throw new LogException(
                ErrorCode.InvalidRegularExpression,
                $"The pattern '{Pattern}' took longer than {MatchTimeoutMs} ms for topic '{topic}'; write one that does not backtrack so much.",
                error);
        }
    }
}
