namespace OrleansLog.Core.Groups.Assignors;

/// <summary>The order that assignors go by, the same in every client: static members first, by instance id, then the others by member id.</summary>
internal static class MemberOrder
{
    public static MemberSubscription[] Sorted(IReadOnlyList<MemberSubscription> members)
    {
        ArgumentNullException.ThrowIfNull(members);
        var sorted = members.ToArray();
        Array.Sort(sorted, Compare);
        return sorted;
    }

    private static int Compare(MemberSubscription x, MemberSubscription y)
    {
        if (x.GroupInstanceId is { } first && y.GroupInstanceId is { } second)
            return string.CompareOrdinal(first, second);
        if (x.GroupInstanceId is null == y.GroupInstanceId is null)
            return string.CompareOrdinal(x.MemberId, y.MemberId);

        return x.GroupInstanceId is null ? 1 : -1;
    }
}
