using System.Globalization;

namespace OrleansLog;

/// <summary>Key of a replica grain: which replica of which partition it is (D1 of the design).</summary>
/// <remarks>
/// The text form is <c>topicId/partition/brokerId</c>. The broker id in the key is what pins the grain to its silo.
/// </remarks>
/// <param name="TopicId">Topic id; a topic that is deleted and made again under its old name has another.</param>
/// <param name="Partition">Partition number, from 0.</param>
/// <param name="BrokerId">The broker that holds this replica.</param>
public readonly record struct ReplicaKey(Guid TopicId, int Partition, int BrokerId)
{
    /// <summary>The grain key.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{TopicId:N}/{Partition}/{BrokerId}");

    /// <summary>Reads a grain key; false when the text is not one.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ReplicaKey key)
    {
        key = default;
        var firstSlash = text.IndexOf('/');
        var lastSlash = text.LastIndexOf('/');
        if (firstSlash <= 0 || lastSlash <= firstSlash + 1
            || !Guid.TryParseExact(text[..firstSlash], "N", out var topicId)
            || !int.TryParse(text[(firstSlash + 1)..lastSlash], NumberStyles.None, CultureInfo.InvariantCulture, out var partition)
            || !int.TryParse(text[(lastSlash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var brokerId))
        {
            return false;
        }

        key = new ReplicaKey(topicId, partition, brokerId);
        return true;
    }
}
