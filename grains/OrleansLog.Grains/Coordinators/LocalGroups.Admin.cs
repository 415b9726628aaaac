using OrleansLog.Core.Groups;
using OrleansLog.Grains.Coordinators;

namespace OrleansLog.Grains;

public sealed partial class LocalGroups
{
    private const string ClassicType = "classic";

    /// <summary>Groups that this broker coordinates; with an error where a shard has not loaded yet.</summary>
    /// <param name="states">Only these states, by Kafka's names in any case; empty for all.</param>
    /// <param name="types">Only these types; empty for all.</param>
    /// <param name="cancellationToken">Ends the wait for one that is loading.</param>
    public async ValueTask<ListGroupsResult> ListAsync(string[] states, string[] types, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(states);
        ArgumentNullException.ThrowIfNull(types);
        var error = await _table.AllLoadedAsync(cancellationToken).ConfigureAwait(false);
        var groups = new List<GroupListing>();
        foreach (var shard in _table.All)
        {
            if (!shard.TryVisit(groups, static (group, list) => list.Add(Tell(group))) && shard.Refusal is var refusal and not (ErrorCode.None or ErrorCode.NotCoordinator))
                error = refusal;
        }

        groups.RemoveAll(group => !Passes(states, group.State) || !Passes(types, group.GroupType));
        groups.Sort(static (a, b) => string.CompareOrdinal(a.GroupId, b.GroupId));
        return new ListGroupsResult(error, [.. groups]);
    }

    /// <summary>Describes a group; GROUP_ID_NOT_FOUND and the state <c>Dead</c> where there is none.</summary>
    public ValueTask<GroupDescription> DescribeAsync(string groupId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(groupId);
        return AskAsync(
            groupId, (Id: groupId, Broker: _context.Broker.BrokerId),
            static (group, args, _, _) => GroupMapping.ToDescription(args.Id, group.Describe(), args.Broker) with { GenerationId = group.GenerationId },
            static (error, args) => error == ErrorCode.GroupIdNotFound
                ? GroupMapping.ToDescription(args.Id, new GroupView { Error = error, Phase = GroupPhase.Dead }, args.Broker)
                : new GroupDescription { GroupId = args.Id, Error = error },
            cancellationToken);
    }

    private static GroupListing Tell(GroupState<GroupTicket> group) => new(group.GroupId, group.ProtocolType ?? "", group.Phase.ToString(), ClassicType);

    private static bool Passes(string[] filter, string value) => filter.Length == 0 || filter.Contains(value, StringComparer.OrdinalIgnoreCase);
}
