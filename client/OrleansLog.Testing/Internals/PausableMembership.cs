using System.Runtime.CompilerServices;
using Orleans;
using Orleans.Runtime;
using OrleansLog.Kafka.Network;

namespace OrleansLog.Testing.Internals;

/// <summary>The way of one silo to the membership of all: while it is paused it neither learns from it nor writes. A silo that ends paused may say that it goes.</summary>
internal sealed class PausableMembership(MemoryMembership membership, TrafficGate gate) : IMembershipTable
{
    public Task InitializeMembershipTable(bool tryInitTableVersion) => membership.InitializeMembershipTable(tryInitTableVersion);

    public Task DeleteMembershipTableEntries(string clusterId) => membership.DeleteMembershipTableEntries(clusterId);

    public async Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate)
    {
        await PassAsync();
        await membership.CleanupDefunctSiloEntries(beforeDate).ConfigureAwait(false);
    }

    public async Task<MembershipTableData> ReadRow(SiloAddress key)
    {
        await PassAsync();
        return await membership.ReadRow(key).ConfigureAwait(false);
    }

    public async Task<MembershipTableData> ReadAll()
    {
        await PassAsync();
        return await membership.ReadAll().ConfigureAwait(false);
    }

    public async Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion)
    {
        await PassAsync();
        return await membership.InsertRow(entry, tableVersion).ConfigureAwait(false);
    }

    public async Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion)
    {
        await PassAsync();
        return await membership.UpdateRow(entry, etag, tableVersion).ConfigureAwait(false);
    }

    public async Task UpdateIAmAlive(MembershipEntry entry)
    {
        await PassAsync();
        await membership.UpdateIAmAlive(entry).ConfigureAwait(false);
    }

    private ConfiguredTaskAwaitable PassAsync() => gate.PassAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
