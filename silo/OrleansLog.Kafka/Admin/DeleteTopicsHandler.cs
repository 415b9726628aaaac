using OrleansLog.Grains;
using OrleansLog.Kafka.Diagnostics;
using OrleansLog.Kafka.Dispatch;
using OrleansLog.Protocol;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Admin;

/// <summary>DeleteTopics: by name, from version 6 by name or id (KIP-516).</summary>
internal sealed class DeleteTopicsHandler(Gateway gateway, MetadataCache metadata) : ApiHandler<DeleteTopicsRequestData, DeleteTopicsResponseData>
{
    private const short FirstVersionWithIds = 6;
    private const short FirstVersionWithDeletionDisabled = 3;

    protected override async ValueTask<DeleteTopicsResponseData?> HandleAsync(DeleteTopicsRequestData request, RequestContext context)
    {
        var response = new DeleteTopicsResponseData();
        var (names, ids) = Sort(request, context.ApiVersion, response);
        if (names.Count > 0)
            AddAll(response, (await gateway.DeleteTopicsAsync([.. names]).ConfigureAwait(false)).Results, context.ApiVersion);

        if (ids.Count > 0)
            AddAll(response, (await gateway.DeleteTopicIdsAsync([.. ids]).ConfigureAwait(false)).Results, context.ApiVersion);

        foreach (var topic in response.Responses)
            context.NoteError(topic.ErrorCode);

        context.TellDone(
            "Topics deleted", response.Responses.Where(static topic => topic.ErrorCode == ErrorCode.None).Select(static topic => topic.Name ?? topic.TopicId.ToString()));

        return response;
    }

    protected override DeleteTopicsResponseData Fail(DeleteTopicsRequestData request, ErrorCode error)
    {
        var response = new DeleteTopicsResponseData();
        foreach (var name in request.TopicNames)
            Add(response, name, default, error, error.Describe());

        foreach (var topic in request.Topics)
            Add(response, topic.Name, topic.TopicId, error, error.Describe());

        return response;
    }

    /// <summary>The names and the ids that may be deleted; everything else is refused in the answer.</summary>
    private (List<string> Names, List<Guid> Ids) Sort(DeleteTopicsRequestData request, short version, DeleteTopicsResponseData response)
    {
        var names = new List<string>();
        var ids = new List<Guid>();
        if (version < FirstVersionWithIds)
        {
            names.AddRange(request.TopicNames);
        }
        else
        {
            foreach (var topic in request.Topics)
            {
                if (topic.Name is null == (topic.TopicId == Uuid.Zero))
                    Add(response, topic.Name, topic.TopicId, ErrorCode.InvalidRequest, "A topic is named by its name or by its id, and by one of them only.");
                else if (topic.Name is not null)
                    names.Add(topic.Name);
                else
                    ids.Add(topic.TopicId.ToGuid());
            }
        }

        foreach (var name in TakeOut(names, Repeated.In(names)))
            Add(response, name, default, ErrorCode.InvalidRequest, $"Topic {name} is named twice in one request.");

        foreach (var id in TakeOut(ids, Repeated.In(ids)))
            Add(response, null, Uuid.FromGuid(id), ErrorCode.InvalidRequest, "A topic id is given twice in one request.");

        foreach (var name in TakeOut(names, names.Where(InternalTopics.Contains).ToHashSet()))
            Add(response, name, default, ErrorCode.InvalidTopicException, Protected(name));

        foreach (var id in TakeOut(ids, ids.Where(id => InternalTopics.Contains(NameOf(id))).ToHashSet()))
            Add(response, NameOf(id), Uuid.FromGuid(id), ErrorCode.InvalidTopicException, Protected(NameOf(id)));

        return (names, ids);
    }

    private string NameOf(Guid id) => metadata.Current.FindTopic(id)?.Name ?? "";

    private static string Protected(string name) => $"Topic {name} is the brokers' own: groups and transactions live in it.";

    private static HashSet<T> TakeOut<T>(List<T> items, HashSet<T> unwanted)
    {
        items.RemoveAll(unwanted.Contains);
        return unwanted;
    }

    private static void AddAll(DeleteTopicsResponseData response, TopicResult[] results, short version)
    {
        foreach (var result in results)
        {
            // Clients of version 2 and before do not know the error.
            var error = result.Error == ErrorCode.TopicDeletionDisabled && version < FirstVersionWithDeletionDisabled ? ErrorCode.InvalidRequest : result.Error;
            Add(response, result.Name.Length == 0 ? null : result.Name, Uuid.FromGuid(result.TopicId), error, error == ErrorCode.None ? null : result.Message);
        }
    }

    private static void Add(DeleteTopicsResponseData response, string? name, Uuid id, ErrorCode error, string? message) => response.Responses.Add(
        new DeleteTopicsResponseData.DeletableTopicResult { Name = name, TopicId = id, ErrorCode = error, ErrorMessage = message });
}
