using OrleansLog.Grains;
using OrleansLog.Kafka.Dispatch;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Admin;

/// <summary>DescribeLogDirs: this broker's log directories and what lies in them; no topics ask for all, an empty list for the directories alone.</summary>
internal sealed class DescribeLogDirsHandler(BrokerHost broker) : ApiHandler<DescribeLogDirsRequestData, DescribeLogDirsResponseData>
{
    protected override async ValueTask<DescribeLogDirsResponseData?> HandleAsync(DescribeLogDirsRequestData request, RequestContext context)
    {
        var wanted = request.Topics?.SelectMany(topic => topic.Partitions.Select(partition => new TopicPartition(topic.Topic, partition))).ToHashSet();
        var response = new DescribeLogDirsResponseData();

        // The sizes of files and file systems are asked of the disk.
        var local = broker.Local;
        foreach (var directory in await Task.Run(() => local.DescribeLogDirsAsync().AsTask(), context.Aborted).ConfigureAwait(false))
        {
            context.NoteError(directory.Error);
            response.Results.Add(Answer(directory, wanted));
        }

        return response;
    }

    protected override DescribeLogDirsResponseData Fail(DescribeLogDirsRequestData request, ErrorCode error) => new() { ErrorCode = error };

    private static DescribeLogDirsResponseData.DescribeLogDirsResult Answer(LogDirDescription directory, HashSet<TopicPartition>? wanted)
    {
        var result = new DescribeLogDirsResponseData.DescribeLogDirsResult
        {
            ErrorCode = directory.Error,
            LogDir = directory.Path,
            TotalBytes = directory.TotalBytes,
            UsableBytes = directory.UsableBytes,
        };
        foreach (var topic in directory.Replicas.Where(replica => wanted?.Contains(replica.Partition) ?? true).GroupBy(replica => replica.Partition.Topic))
        {
            result.Topics.Add(new DescribeLogDirsResponseData.DescribeLogDirsTopic
            {
                Name = topic.Key,
                Partitions = [.. topic.Select(replica => new DescribeLogDirsResponseData.DescribeLogDirsPartition
                {
                    PartitionIndex = replica.Partition.Partition,
                    PartitionSize = replica.SizeBytes,
                })],
            });
        }

        return result;
    }
}
