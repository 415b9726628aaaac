namespace OrleansLog.Client;

internal sealed partial class LogAdmin
{
    private const int GroupRetryMs = 15_000;
    private const int GroupBackoffMs = 100;
    private const int GroupBackoffMaxMs = 1_000;

    private IGroupTransport Groups => client.Groups ?? throw new NotSupportedException("This client was made without a transport for groups.");

    public async Task<IReadOnlyList<GroupListing>> ListGroupsAsync(IEnumerable<string>? states = null, CancellationToken cancellationToken = default)
    {
        string[] wanted = [.. states ?? []];
        var listed = await RetryAsync(
            () => Groups.ListGroupsAsync(wanted, [], cancellationToken), static result => result.Error,
            static error => new ListGroupsResult(error, []), cancellationToken).ConfigureAwait(false);
        LogException.ThrowIfError(listed.Error, listed.Error == ErrorCode.None ? null : $"Not every broker told its groups: {listed.Error}.");
        return listed.Groups;
    }

    public async Task<IReadOnlyList<GroupProgress>> DescribeGroupsAsync(IEnumerable<string> groups, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(groups);
        var described = new List<GroupProgress>();
        foreach (var group in groups)
            described.Add(await DescribeGroupAsync(group, cancellationToken).ConfigureAwait(false));
        return described;
    }

    public async Task<GroupProgress> DescribeGroupAsync(string group, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(group);
        var found = await DescribeMembersAsync(group, cancellationToken).ConfigureAwait(false);
        var committed = (await CommittedAsync(group, null, cancellationToken).ConfigureAwait(false))
            .Where(static offset => offset.Offset >= 0).ToDictionary(static offset => offset.Partition, static offset => offset.Offset);
        var readers = found.Members.SelectMany(static member => member.Partitions.Select(partition => (partition, member)))
            .DistinctBy(static pair => pair.partition).ToDictionary();
        TopicPartition[] partitions =
        [
            .. committed.Keys.Union(readers.Keys).OrderBy(static partition => partition.Topic, StringComparer.Ordinal).ThenBy(static partition => partition.Partition),
        ];
        var ends = partitions.Length == 0 ? [] : await ListOffsetsAsync(
            partitions.Select(static partition => new ListOffsetsQuery(partition, OffsetSpec.Latest)), cancellationToken: cancellationToken).ConfigureAwait(false);
        return new GroupProgress(found,
        [
            .. partitions.Select((partition, i) => new GroupPartitionProgress(
                partition,
                committed.TryGetValue(partition, out var offset) ? offset : null,
                ends[i].Error == ErrorCode.None ? ends[i].Offset : null,
                readers.GetValueOrDefault(partition))),
        ]);
    }

    public async Task<IReadOnlyList<CommittedOffset>> ListGroupOffsetsAsync(
        string group, IEnumerable<TopicPartition>? partitions = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(group);
        return await CommittedAsync(group, partitions is null ? null : [.. partitions], cancellationToken).ConfigureAwait(false);
    }

    public async Task<IReadOnlyList<DeleteGroupResult>> DeleteGroupsAsync(IEnumerable<string> groups, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(groups);
        string[] wanted = [.. groups];
        return Complete(
            await RetryAsync(
                () => Groups.DeleteGroupsAsync(wanted, cancellationToken),
                static results => Array.Find(results, static result => result.Error.IsPassing()).Error,
                error => Array.ConvertAll(wanted, group => new DeleteGroupResult(group, error)), cancellationToken).ConfigureAwait(false),
            wanted.Length);
    }

    public async Task DeleteGroupOffsetsAsync(string group, IEnumerable<TopicPartition> partitions, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(partitions);
        TopicPartition[] wanted = [.. partitions];
        var deleted = await RetryAsync(
            () => Groups.DeleteOffsetsAsync(group, wanted, cancellationToken), static result => result.Error,
            static error => new DeleteOffsetsResult(error, []), cancellationToken).ConfigureAwait(false);
        LogException.ThrowIfError(deleted.Error, null);
        var failed = Array.FindIndex(deleted.Errors, static error => error != ErrorCode.None);
        if (failed >= 0)
            throw LogException.From(deleted.Errors[failed], null, wanted[failed].Topic);
    }

    public async Task AlterGroupOffsetsAsync(string group, IEnumerable<TopicPartitionOffset> offsets, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(offsets);
        var call = new CommitOffsetsCall { GroupId = group, Offsets = [.. offsets.Select(static offset => offset.ToCall())] };
        if (call.Offsets.Length == 0)
            return;
        var result = await RetryAsync(
            () => Groups.CommitAsync(call, cancellationToken),
            static result => Array.Find(result.Errors, static error => error != ErrorCode.None),
            error => CommitOffsetsResult.Failure(error, call.Offsets.Length), cancellationToken).ConfigureAwait(false);
        var failed = Array.FindIndex(result.Errors, static error => error != ErrorCode.None);
        if (failed < 0)
            return;
        throw result.Errors[failed] is ErrorCode.UnknownMemberId or ErrorCode.RebalanceInProgress or ErrorCode.IllegalGeneration
            ? new LogException(ErrorCode.NonEmptyGroup, $"The group '{group}' has members; stop them before its offsets are moved.")
            : LogException.From(result.Errors[failed], null, call.Offsets[failed].Partition.Topic);
    }

    public async Task<IReadOnlyList<OffsetResetStep>> ResetGroupOffsetsAsync(
        string group, IEnumerable<TopicPartition> partitions, OffsetReset reset, bool dryRun = true, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(partitions);
        TopicPartition[] wanted = [.. partitions];
        var members = await MembersAsync(group, cancellationToken).ConfigureAwait(false);
        if (members > 0)
            throw new LogException(ErrorCode.NonEmptyGroup, $"The group '{group}' has {members} member{(members == 1 ? "" : "s")}; stop them before its offsets are moved.");
        var committed = await CommittedAsync(group, wanted, cancellationToken).ConfigureAwait(false);
        var steps = await new OffsetResetPlan(this, reset).MakeAsync(wanted, committed, cancellationToken).ConfigureAwait(false);
        if (!dryRun)
            await AlterGroupOffsetsAsync(group, steps.Select(static step => new TopicPartitionOffset(step.Partition, step.NewOffset)), cancellationToken).ConfigureAwait(false);
        return steps;
    }

    private async Task<int> MembersAsync(string group, CancellationToken cancellationToken)
    {
        try
        {
            return (await DescribeMembersAsync(group, cancellationToken).ConfigureAwait(false)).Members.Count;
        }
        catch (LogException error) when (error.Code == ErrorCode.GroupIdNotFound)
        {
            return 0; // Its first offsets make it.
        }
    }

    private async Task<ConsumerGroup> DescribeMembersAsync(string group, CancellationToken cancellationToken)
    {
        var answers = await RetryAsync(
            () => Groups.DescribeGroupsAsync([group], cancellationToken), static results => results.Length == 1 ? results[0].Error : ErrorCode.None,
            error => [new GroupDescription { GroupId = group, Error = error }], cancellationToken).ConfigureAwait(false);
        var found = Complete(answers, 1)[0];
        if (found.Error == ErrorCode.GroupIdNotFound || (found.Error == ErrorCode.None && found.State == "Dead"))
            throw new LogException(ErrorCode.GroupIdNotFound, $"There is no group '{group}'.");
        LogException.ThrowIfError(found.Error, found.Message);
        return new ConsumerGroup(found.GroupId, found.State, found.ProtocolName, found.CoordinatorId,
        [
            .. found.Members.Select(static member => new ConsumerGroupMember(
                member.MemberId, member.GroupInstanceId, member.ClientId, member.ClientHost,
                ConsumerProtocol.TryReadAssignment(member.Assignment, out var partitions) ? partitions : [])),
        ]);
    }

    private async Task<CommittedOffset[]> CommittedAsync(string group, TopicPartition[]? partitions, CancellationToken cancellationToken)
    {
        var call = new FetchOffsetsCall { GroupId = group, Partitions = partitions };
        var fetched = await RetryAsync(
            () => Groups.FetchOffsetsAsync(call, cancellationToken), static result => result.Error,
            static error => FetchOffsetsResult.Failure(error), cancellationToken).ConfigureAwait(false);
        LogException.ThrowIfError(fetched.Error, null);
        return partitions is null ? fetched.Offsets : Complete(fetched.Offsets, partitions.Length);
    }

    // A coordinator that moves or loads has the answer a little later.
    private async Task<T> RetryAsync<T>(
        Func<ValueTask<T>> ask, Func<T, ErrorCode> errorOf, Func<ErrorCode, T> failure, CancellationToken cancellationToken)
    {
        var started = client.Time.GetTimestamp();
        for (var attempt = 0; ; attempt++)
        {
            var answer = await ask().OrElse(failure).ConfigureAwait(false);
            if (!errorOf(answer).IsPassing() || client.Time.GetElapsedTime(started).TotalMilliseconds >= GroupRetryMs)
                return answer;
            await Backoff.WaitAsync(attempt, GroupBackoffMs, GroupBackoffMaxMs, client.Time, cancellationToken).ConfigureAwait(false);
        }
    }
}
