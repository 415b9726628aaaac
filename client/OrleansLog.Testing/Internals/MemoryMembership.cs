using Orleans;
using Orleans.Runtime;

namespace OrleansLog.Testing.Internals;

/// <summary>The membership of silos that share this object; a write counts only if nobody else has written since the writer read.</summary>
internal sealed class MemoryMembership : IMembershipTable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<SiloAddress, (MembershipEntry Entry, string ETag)> _rows = [];
    private TableVersion _version = new(0, "0");

    public Task InitializeMembershipTable(bool tryInitTableVersion) => Task.CompletedTask;

    public Task DeleteMembershipTableEntries(string clusterId)
    {
        lock (_gate)
            _rows.Clear();

        return Task.CompletedTask;
    }

    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate)
    {
        lock (_gate)
        {
            foreach (var (silo, row) in _rows.ToArray())
            {
                if (row.Entry.Status == SiloStatus.Dead && row.Entry.IAmAliveTime < beforeDate)
                    _rows.Remove(silo);
            }
        }

        return Task.CompletedTask;
    }

    public Task<MembershipTableData> ReadRow(SiloAddress key)
    {
        lock (_gate)
        {
            return Task.FromResult(_rows.TryGetValue(key, out var row)
                ? new MembershipTableData(Tuple.Create(Copy(row.Entry), row.ETag), _version)
                : new MembershipTableData(_version));
        }
    }

    public Task<MembershipTableData> ReadAll()
    {
        lock (_gate)
            return Task.FromResult(new MembershipTableData([.. _rows.Values.Select(row => Tuple.Create(Copy(row.Entry), row.ETag))], _version));
    }

    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion)
    {
        lock (_gate)
            return Task.FromResult(!_rows.ContainsKey(entry.SiloAddress) && TryWrite(entry, tableVersion));
    }

    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion)
    {
        lock (_gate)
            return Task.FromResult(_rows.TryGetValue(entry.SiloAddress, out var row) && row.ETag == etag && TryWrite(entry, tableVersion));
    }

    public Task UpdateIAmAlive(MembershipEntry entry)
    {
        lock (_gate)
        {
            if (_rows.TryGetValue(entry.SiloAddress, out var row))
                row.Entry.IAmAliveTime = entry.IAmAliveTime;
        }

        return Task.CompletedTask;
    }

    /// <summary>Takes a silo for dead, as the others do when it does not answer; returns the version that says so.</summary>
    public MembershipVersion DeclareDead(SiloAddress silo)
    {
        lock (_gate)
        {
            if (_rows.TryGetValue(silo, out var row) && row.Entry.Status != SiloStatus.Dead)
            {
                var dead = Copy(row.Entry);
                dead.Status = SiloStatus.Dead;
                TryWrite(dead, _version.Next());
            }

            return new MembershipVersion(_version.Version);
        }
    }

    /// <summary>Whether a silo is dead, by what is written here.</summary>
    public bool IsDead(SiloAddress silo)
    {
        lock (_gate)
            return !_rows.TryGetValue(silo, out var row) || row.Entry.Status == SiloStatus.Dead;
    }

    /// <summary>Under the lock.</summary>
    private bool TryWrite(MembershipEntry entry, TableVersion version)
    {
        if (version.VersionEtag != _version.VersionEtag)
            return false;

        _version = new TableVersion(version.Version, $"{version.Version}");
        _rows[entry.SiloAddress] = (Copy(entry), _version.VersionEtag);
        return true;
    }

    /// <summary>Entries can be changed, and silos do.</summary>
    private static MembershipEntry Copy(MembershipEntry entry) => new()
    {
        SiloAddress = entry.SiloAddress,
        Status = entry.Status,
        SuspectTimes = entry.SuspectTimes is null ? null : [.. entry.SuspectTimes],
        ProxyPort = entry.ProxyPort,
        HostName = entry.HostName,
        SiloName = entry.SiloName,
        RoleName = entry.RoleName,
        UpdateZone = entry.UpdateZone,
        FaultZone = entry.FaultZone,
        StartTime = entry.StartTime,
        IAmAliveTime = entry.IAmAliveTime,
    };
}
