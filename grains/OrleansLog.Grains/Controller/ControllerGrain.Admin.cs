using OrleansLog.Core.Controller;

namespace OrleansLog.Grains;

/// <summary>What administrators ask for: topics and configurations.</summary>
internal sealed partial class ControllerGrain
{
    /// <inheritdoc/>
    public Task<TopicResults> CreateTopicsAsync(NewTopic[] topics, bool validateOnly)
    {
        var request = topics.ToRequest();
        return DecideTopicsAsync(state => state.CreateTopics(request, validateOnly), topics.Select(topic => topic.Name));
    }

    /// <inheritdoc/>
    public Task<TopicResults> DeleteTopicsAsync(string[] topics) => DecideTopicsAsync(state => state.DeleteTopics(topics), topics);

    /// <inheritdoc/>
    public Task<TopicResults> DeleteTopicIdsAsync(Guid[] topicIds) => DecideTopicsAsync(state => state.DeleteTopics(topicIds), topicIds.Select(_ => ""));

    /// <inheritdoc/>
    public Task<TopicResults> CreatePartitionsAsync(NewPartitions[] topics, bool validateOnly)
    {
        var request = topics.ToRequest();
        return DecideTopicsAsync(state => state.GrowTopics(request, validateOnly), topics.Select(topic => topic.Topic));
    }

    /// <inheritdoc/>
    public Task<ConfigAlterationResults> AlterConfigsAsync(ConfigAlteration[] alterations, bool validateOnly)
    {
        var request = alterations.ToRequest();
        return OrNotControllerAsync(
            async () => (await _shell.DecideAsync((state, _) => state.AlterConfigs(request, validateOnly))).ToResults(_shell.Committed.Version),
            message => ControllerMapping.NotController(alterations, message));
    }

    /// <inheritdoc/>
    public Task<TopicResults> AcceptLossAsync(string topic, int partition) =>
        DecideTopicsAsync(state => state.AcceptLoss(new AcceptLoss(topic, partition)), [topic]);

    private Task<TopicResults> DecideTopicsAsync(Func<ControllerState, Decision<TopicAnswer[]>> decide, IEnumerable<string> names) =>
        OrNotControllerAsync(
            async () => (await _shell.DecideAsync((state, _) => decide(state))).ToResults(_shell.Committed.Version),
            message => ControllerMapping.NotController(names, message));
}
