using OrleansLog.Protocol;

namespace OrleansLog.Grains;

/// <summary>Keeps administration away from the topics that brokers keep for themselves: nobody creates, deletes or grows them by request.</summary>
internal static class InternalTopicGuard
{
    /// <summary>Passes on what is about other topics, and answers for the rest with a refusal; results are in the order of the items.</summary>
    public static async ValueTask<TopicResults> PassAsync<T>(
        T[] items, Func<T, string?> nameOf, ErrorCode refusal, Func<T[], ValueTask<TopicResults>> pass)
    {
        if (!Array.Exists(items, item => InternalTopics.Contains(nameOf(item))))
            return await pass(items).ConfigureAwait(false);

        var passed = await pass(Array.FindAll(items, item => !InternalTopics.Contains(nameOf(item)))).ConfigureAwait(false);
        var results = new TopicResult[items.Length];
        var next = 0;
        for (var i = 0; i < items.Length; i++)
            results[i] = nameOf(items[i]) is { } name && InternalTopics.Contains(name) ? Refuse(name, refusal) : passed.Results[next++];

        return new TopicResults(passed.Version, results);
    }

    private static TopicResult Refuse(string name, ErrorCode refusal) => new()
    {
        Name = name,
        Error = refusal,
        Message = $"{name} belongs to the brokers: they make it when it is needed, and it cannot be created, deleted or grown by request.",
    };
}
