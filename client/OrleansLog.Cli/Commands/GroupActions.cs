using System.Globalization;
using OrleansLog.Client;
using OrleansLog.Protocol;

namespace OrleansLog.Cli;

/// <summary>What <c>olog group list|describe|delete</c> does.</summary>
internal static class GroupActions
{
    public static async Task<ExitCode> ListAsync(Invocation invocation, ILogAdmin admin, string[] states)
    {
        var groups = await admin.ListGroupsAsync(states, invocation.Cancellation);
        if (invocation.IsJson)
        {
            JsonOutput.Write(
                invocation.Io, [.. groups.Select(static group => new GroupDocument(group.GroupId, group.State, group.ProtocolType, Type: group.GroupType.Length > 0 ? group.GroupType : null))],
                DocumentContext.Default.IReadOnlyListGroupDocument);
            return ExitCode.Ok;
        }

        var table = new Table("GROUP", "STATE", "TYPE", "PROTOCOL");
        foreach (var group in groups)
        {
            table.Add(group.GroupId, group.State, group.GroupType, group.ProtocolType);
        }

        table.WriteTo(invocation.Io);
        return ExitCode.Ok;
    }

    public static async Task<ExitCode> DescribeAsync(Invocation invocation, ILogAdmin admin, string[] groups, bool showsMembers, TimeSpan? pause)
    {
        while (true)
        {
            var ids = groups.Length > 0 ? groups : [.. (await admin.ListGroupsAsync(cancellationToken: invocation.Cancellation)).Select(static group => group.GroupId)];
            var progress = await ReadAsync(admin, ids, ignoresMissing: groups.Length == 0, invocation.Cancellation);
            if (invocation.IsJson)
            {
                JsonOutput.Write(invocation.Io, [.. progress.Select(ToDocument)], DocumentContext.Default.IReadOnlyListGroupDocument);
            }
            else
            {
                Write(invocation, progress, showsMembers, isWatched: pause is not null);
            }

            if (pause is not { } wait)
            {
                return ExitCode.Ok;
            }

            invocation.Io.Flush();
            await Task.Delay(wait, invocation.Io.Time, invocation.Cancellation);
        }
    }

    /// <summary>What deleting groups would do; one that has members, or is not there, is an error.</summary>
    public static async Task<IReadOnlyList<string>> PlanDeletionAsync(Invocation invocation, ILogAdmin admin, string[] groups)
    {
        var progress = await ReadAsync(admin, groups, ignoresMissing: false, invocation.Cancellation);
        return progress.Find(static found => found.Group.Members.Count > 0) is { } busy
            ? throw Failures.Group(ErrorCode.NonEmptyGroup, busy.Group.GroupId)
            : [.. progress.Select(static found => $"delete group {found.Group.GroupId} with its offsets of {Sizes.Partitions(found.Partitions.Count)}")];
    }

    public static async Task<ExitCode> DeleteAsync(Invocation invocation, ILogAdmin admin, string[] groups)
    {
        var results = await admin.DeleteGroupsAsync(groups, invocation.Cancellation);
        if (invocation.IsJson)
        {
            JsonOutput.Write(
                invocation.Io,
                [.. results.Select(static result => new DeletedGroupDocument(result.GroupId, result.Error == ErrorCode.None ? null : result.Error.KafkaName()))],
                DocumentContext.Default.IReadOnlyListDeletedGroupDocument);
        }
        else
        {
            foreach (var result in results.Where(static result => result.Error == ErrorCode.None))
            {
                invocation.Io.Text.WriteLine($"deleted group {result.GroupId}");
            }
        }

        var failed = results.Where(static result => result.Error != ErrorCode.None).ToArray();
        return failed.Length == 0 ? ExitCode.Ok : throw Failures.Group(failed[0].Error, failed[0].GroupId);
    }

    // A group of the list may be gone by the time it is asked about.
    private static async Task<List<GroupProgress>> ReadAsync(ILogAdmin admin, string[] ids, bool ignoresMissing, CancellationToken cancellationToken)
    {
        var progress = new List<GroupProgress>();
        foreach (var id in ids)
        {
            try
            {
                progress.Add(await admin.DescribeGroupAsync(id, cancellationToken));
            }
            catch (LogException error) when (error.Code == ErrorCode.GroupIdNotFound)
            {
                if (!ignoresMissing)
                {
                    throw Failures.Group(error.Code, id);
                }
            }
        }

        return progress;
    }

    private static void Write(Invocation invocation, List<GroupProgress> groups, bool showsMembers, bool isWatched)
    {
        var output = invocation.Io.Text;
        if (isWatched)
        {
            output.WriteLine(Timestamps.Format(invocation.Io.Time.GetUtcNow().ToUnixTimeMilliseconds()));
        }

        foreach (var (group, _) in groups)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"group {group.GroupId}  state {group.State}  members {group.Members.Count}{(group.Assignor.Length > 0 ? $"  assignor {group.Assignor}" : "")}  coordinator {group.CoordinatorId}"));
        }

        (showsMembers ? MemberTable(groups) : PartitionTable(groups)).WriteTo(invocation.Io);
    }

    private static Table PartitionTable(List<GroupProgress> groups)
    {
        var table = new Table("GROUP", "TOPIC", "PARTITION", "CURRENT-OFFSET", "LOG-END-OFFSET", "LAG", "CONSUMER-ID", "HOST", "CLIENT-ID");
        foreach (var group in groups)
        {
            foreach (var partition in group.Partitions)
            {
                table.Add(
                    group.Group.GroupId, partition.Partition.Topic, Text(partition.Partition.Partition), Text(partition.CommittedOffset),
                    Text(partition.LogEndOffset), Text(partition.Lag), partition.Member?.MemberId ?? "", partition.Member?.Host ?? "",
                    partition.Member?.ClientId ?? "");
            }
        }

        return table;
    }

    private static Table MemberTable(List<GroupProgress> groups)
    {
        var table = new Table("GROUP", "CONSUMER-ID", "INSTANCE-ID", "HOST", "CLIENT-ID", "PARTITIONS", "ASSIGNMENT");
        foreach (var (group, _) in groups)
        {
            foreach (var member in group.Members)
            {
                table.Add(
                    group.GroupId, member.MemberId, member.GroupInstanceId ?? "", member.Host, member.ClientId, Text(member.Partitions.Count),
                    string.Join(' ', member.Partitions.GroupBy(static partition => partition.Topic, StringComparer.Ordinal)
                        .Select(static topic => $"{topic.Key}:{string.Join(',', topic.Select(static partition => Text(partition.Partition)))}")));
            }
        }

        return table;
    }

    private static GroupDocument ToDocument(GroupProgress progress) => new(
        progress.Group.GroupId, progress.Group.State, null, progress.Group.Assignor, progress.Group.CoordinatorId, progress.TotalLag,
        [.. progress.Group.Members.Select(static member => new GroupMemberDocument(
            member.MemberId, member.GroupInstanceId, member.ClientId, member.Host,
            [.. member.Partitions.Select(static partition => new TopicPartitionDocument(partition.Topic, partition.Partition))]))],
        [.. progress.Partitions.Select(static partition => new GroupPartitionDocument(
            partition.Partition.Topic, partition.Partition.Partition, partition.CommittedOffset, partition.LogEndOffset, partition.Lag,
            partition.Member?.MemberId))]);

    private static string Text(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";
}
