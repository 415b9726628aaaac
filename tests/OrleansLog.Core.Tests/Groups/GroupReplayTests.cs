using OrleansLog.Core.Groups;
using OrleansLog.Protocol;
using OrleansLog.Protocol.Messages;
using OrleansLog.Protocol.Records;
using OrleansLog.TestKit;
using static OrleansLog.Core.Tests.Groups.GroupFixture;

namespace OrleansLog.Core.Tests.Groups;

public class GroupReplayTests
{
    [Fact]
    public void Members_go_on_after_a_reload_with_a_full_session()
    {
        var group = new GroupFixture();
        var ids = group.Stable();
        group.Commit(7, ids[0], 2);
        group.Pass(9_000);
        group.Reload();
        group.Pass(9_000);
        Assert.Equal(ErrorCode.None, group.Heartbeat(ids[0], 2));
        Assert.Equal((2, "range", ids[0], 7L), (group.State.GenerationId, group.State.ProtocolName, group.State.LeaderId, group.Offset().Offset));
        group.Sync("s", ids[1], 2);
        Assert.Equal(ids[1], group.Synced("s"));
        group.Pass(10_000);
        Assert.Equal(GroupPhase.Empty, group.State.Phase);
    }

    [Fact]
    public void A_group_that_is_larger_than_it_may_be_now_rebalances()
    {
        var group = new GroupFixture();
        group.Stable(3);
        var smaller = new GroupFixture(new GroupSettings { MaxSize = 2 });
        smaller.Log.AddRange(group.Log);
        smaller.Reload();
        Assert.Equal(GroupPhase.PreparingRebalance, smaller.State.Phase);
    }

    [Fact]
    public void A_member_that_was_to_be_waited_for_longer_than_it_may_be_now_is_not()
    {
        var group = new GroupFixture();
        group.Stable();
        var patient = new GroupFixture(new GroupSettings { InitialRebalanceDelayMs = 0, MaxRebalanceTimeoutMs = 5_000 });
        patient.Stable();
        patient.Log.Clear();
        patient.Log.AddRange(group.Log);
        patient.Reload();
        patient.Join("new");
        patient.Pass(4_999);
        Assert.False(patient.IsAnswered("new"));
        patient.Pass(1);
        Assert.Equal(ErrorCode.None, patient.Joined("new").Error);
    }

    /// <summary>tests/golden/logs/clean/__consumer_offsets-0: classic and consumer groups, tombstones, offsets in a transaction.</summary>
    [Fact]
    public void Kafkas_own_log_is_read_and_what_is_not_known_is_kept_aside()
    {
        var groups = new Dictionary<string, GroupState<string>>();
        foreach (var (key, value) in GoldenRecords())
        {
            Assert.True(GroupRecordKey.TryRead(key, out var read));
            if (!groups.TryGetValue(read.GroupId!, out var group))
                groups[read.GroupId!] = group = new GroupState<string>(read.GroupId!, new GroupSettings());

            Assert.NotEqual(GroupReplay.Malformed, group.Replay(read, key, value, value is null));
        }

        var classic = groups["golden-classic-group"];
        Assert.Equal((GroupPhase.Empty, 2, "consumer"), (classic.Phase, classic.GenerationId, classic.ProtocolType));
        var offset = classic.FetchOffset(new("codec-zstd", 0));
        Assert.Equal((77L, "größe ✓"), (offset.Offset, offset.Metadata));
        Assert.Equal(2, classic.FetchOffset(new("transactions", 1)).Offset);

        var foreign = groups["golden-consumer-group"];
        Assert.True(foreign.ForeignRecordCount > 0);
        Assert.Equal(77, foreign.FetchOffset(new("codec-zstd", 0)).Offset);
    }

    /// <summary>tests/golden/messages/records.jsonl: each version of the values.</summary>
    [Fact]
    public void Every_version_of_the_records_is_read()
    {
        var read = 0;
        foreach (var golden in Golden.Lines("messages", "records.jsonl"))
        {
            var type = golden.GetProperty("record").GetString() switch { "OffsetCommitValue" => 1, "GroupMetadataValue" => 2, _ => 0 };
            if (type == 0)
                continue;

            var version = golden.GetProperty("version").GetInt16();
            byte[] value = [0, (byte)version, .. Convert.FromHexString(golden.GetProperty("hex").GetString()!)];
            var key = type == 1
                ? VersionedBytes.Write(1, new OffsetCommitKey { Group = "g", Topic = "t", Partition = 0 }, 0)
                : VersionedBytes.Write(2, new GroupMetadataKey { Group = "g" }, 0);
            var state = new GroupState<string>("g", new GroupSettings());
            Assert.True(GroupRecordKey.TryRead(key, out var parsed));
            Assert.Equal(GroupReplay.Applied, state.Replay(parsed, key, value, false));
            var json = golden.GetProperty("json");
            if (type == 1)
                Assert.Equal(json.GetProperty("offset").GetInt64(), state.FetchOffset(new("t", 0)).Offset);
            else
                Assert.Equal(json.GetProperty("generation").GetInt32(), state.GenerationId);

            read++;
        }

        Assert.True(read >= 20, $"{read} cases");
    }

    [Fact]
    public void Offsets_in_a_transaction_count_when_it_commits()
    {
        var state = new GroupState<string>("g", new GroupSettings());
        ReplayOffset(state, 5, producerId: 9);
        Assert.Equal(ErrorCode.UnstableOffsetCommit, state.FetchOffset(new("t", 0), requireStable: true).Error);
        Assert.Equal(-1, state.FetchOffset(new("t", 0)).Offset);
        state.ReplayTransactionEnd(9, committed: true);
        Assert.Equal(5, state.FetchOffset(new("t", 0), requireStable: true).Offset);
        ReplayOffset(state, 6, producerId: 9);
        state.ReplayTransactionEnd(9, committed: false);
        Assert.Equal(5, state.FetchOffset(new("t", 0)).Offset);
    }

    [Fact]
    public void A_group_with_members_of_another_protocol_is_left_alone()
    {
        var state = new GroupState<string>("g", new GroupSettings());
        ReplayOffset(state, 5);
        var key = VersionedBytes.Write(5, new GroupMetadataKey { Group = "g" }, 0);
        Assert.True(GroupRecordKey.TryRead(key, out var read));
        Assert.Equal(GroupReplay.Foreign, state.Replay(read, key, [0, 0, 1, 2, 3], false));

        var decisions = new GroupDecisions<string>();
        var now = new GroupTime(0, long.MaxValue / 2);
        state.Expire(now, decisions);
        state.Delete("delete", decisions);
        state.Join(JoinCallOf(""), "join", now, decisions);
        Assert.Empty(decisions.Appends);
        Assert.Equal([ErrorCode.NonEmptyGroup, ErrorCode.InconsistentGroupProtocol], decisions.Answers.Select(a => a.Answer.Error));
        Assert.Equal(5, state.FetchOffset(new("t", 0)).Offset);

        // Its member left: a classic one takes the group over, and the other protocol's records go.
        state.Replay(read, key, default, isTombstone: true);
        var epoch = VersionedBytes.Write(3, new GroupMetadataKey { Group = "g" }, 0);
        Assert.True(GroupRecordKey.TryRead(epoch, out read));
        state.Replay(read, epoch, [0, 0, 0, 0, 0, 2, 0], false);
        decisions.Clear();
        state.Join(JoinCallOf(""), "join", now, decisions);
        Assert.Equal(epoch, Assert.Single(Assert.Single(decisions.Appends).Records).Key);
    }

    [Fact]
    public void Versions_that_are_not_known_yet_are_kept_aside()
    {
        var state = new GroupState<string>("g", new GroupSettings());
        var key = VersionedBytes.Write(2, new GroupMetadataKey { Group = "g" }, 0);
        Assert.True(GroupRecordKey.TryRead(key, out var read));
        Assert.Equal(GroupReplay.Foreign, state.Replay(read, key, [0, 9, 1, 2], false));
        Assert.Equal(GroupReplay.Malformed, state.Replay(read, key, [0, 3, 1, 2], false));
        Assert.True(GroupRecordKey.TryRead([0, 99, 1, 2], out var unknown));
        Assert.Null(unknown.GroupId);
        Assert.False(GroupRecordKey.TryRead([0], out _));
        Assert.False(GroupRecordKey.TryRead([0, 1, 0, 200, 1], out _));
    }

    /// <summary>tests/golden/values/groups.jsonl.</summary>
    [Fact]
    public void A_group_is_kept_where_clients_look_for_it()
    {
        foreach (var golden in Golden.Lines("values", "groups.jsonl"))
        {
            var group = golden.GetProperty("id").GetString()!;
            Assert.Equal(golden.GetProperty("hashCode").GetInt32(), GroupPartition.JavaHash(group));
            Assert.Equal(golden.GetProperty("partitionOf50").GetInt32(), GroupPartition.For(group, 50));
        }

        Assert.Equal(int.MinValue, GroupPartition.JavaHash("polygenelubricants"));
        Assert.Equal(0, GroupPartition.For("polygenelubricants", 50));
    }

    [Fact]
    public void Our_records_are_the_bytes_that_Kafka_wrote()
    {
        var golden = GoldenRecords().Where(r => r.Value is not null).ToDictionary(r => Convert.ToHexString(r.Key) + Convert.ToHexString(r.Value!));
        var note = OffsetRecords.Record("golden-classic-group", new("codec-zstd", 0), new StoredOffset(77, 0, "größe ✓", 1795433864907, -1, default));
        Assert.Contains(golden.Keys, bytes => bytes == Convert.ToHexString(note.Key) + Convert.ToHexString(note.Value!));
    }

    private static void ReplayOffset(GroupState<string> state, long offset, long producerId = -1)
    {
        var record = OffsetRecords.Record("g", new("t", 0), new StoredOffset(offset, -1, "", 1, -1, default));
        Assert.True(GroupRecordKey.TryRead(record.Key, out var key));
        state.Replay(key, record.Key, record.Value, false, producerId);
    }

    /// <summary>tests/golden/logs/clean/__consumer_offsets-0: the only one of its partitions that has records.</summary>
    private static List<(byte[] Key, byte[]? Value)> GoldenRecords()
    {
        ReadOnlyMemory<byte> rest = File.ReadAllBytes(Golden.PathOf("logs", "clean", "__consumer_offsets-0", "00000000000000000000.log"));
        var records = new List<(byte[], byte[]?)>();
        while (RecordBatches.TryTakeNext(ref rest, out var batch, out _))
        {
            using var opened = BatchRecords.Open(batch, 1_000_000, out _)!;
            if (opened.Header.IsControl)
                continue;

            foreach (ref readonly var record in opened)
                records.Add((record.Key.ToArray(), record.IsValueNull ? null : record.Value.ToArray()));
        }

        return records;
    }
}
