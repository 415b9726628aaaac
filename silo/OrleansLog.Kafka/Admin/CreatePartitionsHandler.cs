using OrleansLog.Grains;
using OrleansLog.Kafka.Diagnostics;
using OrleansLog.Kafka.Dispatch;
using OrleansLog.Protocol;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Admin;

/// <summary>CreatePartitions: raises numbers of partitions, with or without assignments.</summary>
internal sealed class CreatePartitionsHandler(Gateway gateway) : ApiHandler<CreatePartitionsRequestData, CreatePartitionsResponseData>
{
    protected override async ValueTask<CreatePartitionsResponseData?> HandleAsync(CreatePartitionsRequestData request, RequestContext context)
    {
        var response = new CreatePartitionsResponseData();
        var topics = new List<NewPartitions>(request.Topics.Count);
        var repeated = Repeated.In(request.Topics.Select(topic => topic.Name));
        foreach (var name in repeated)
            Add(response, name, ErrorCode.InvalidRequest, $"Topic {name} is named twice in one request.");

        foreach (var topic in request.Topics.Where(topic => !repeated.Contains(topic.Name)))
        {
            if (InternalTopics.Contains(topic.Name))
                Add(response, topic.Name, ErrorCode.InvalidTopicException, $"Topic {topic.Name} is the brokers' own; what lives in it is found by its number of partitions.");
            else
                topics.Add(new NewPartitions(topic.Name, topic.Count, topic.Assignments?.Select(assignment => assignment.BrokerIds.ToArray()).ToArray()));
        }

        if (topics.Count > 0)
        {
            var results = await gateway.CreatePartitionsAsync([.. topics], request.ValidateOnly, TimeSpan.FromMilliseconds(request.TimeoutMs)).ConfigureAwait(false);
            foreach (var result in results.Results)
                Add(response, result.Name, result.Error, result.Error == ErrorCode.None ? null : result.Message);

            if (!request.ValidateOnly)
            {
                context.TellDone(
                    "Partitions added", results.Results.Where(static result => result.Error == ErrorCode.None).Select(static result => $"{result.Name} (now {result.Partitions})"));
            }
        }

        foreach (var result in response.Results)
            context.NoteError(result.ErrorCode);

        return response;
    }

    protected override CreatePartitionsResponseData Fail(CreatePartitionsRequestData request, ErrorCode error)
    {
        var response = new CreatePartitionsResponseData();
        foreach (var topic in request.Topics)
            Add(response, topic.Name, error, error.Describe());

        return response;
    }

    private static void Add(CreatePartitionsResponseData response, string name, ErrorCode error, string? message) => response.Results.Add(
        new CreatePartitionsResponseData.CreatePartitionsTopicResult { Name = name, ErrorCode = error, ErrorMessage = message });
}
