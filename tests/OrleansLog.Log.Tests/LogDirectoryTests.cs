using System.Text;
using OrleansLog.Protocol;
using OrleansLog.TestKit;

namespace OrleansLog.Log.Tests;

public class LogDirectoryTests
{
    private static readonly Uuid NewId = new(1, 2);
    private static readonly TopicPartitionName Orders = new("orders-eu", 3);
    private readonly MemoryDisk _disk = new();

    private LogDirectory Open(int nodeId = 1, string? cluster = "c", string boot = "b1") =>
        LogDirectory.Open(_disk, "/d", new LogDirectoryIdentity(nodeId, cluster, NewId, boot));

    [Fact]
    public void A_new_directory_gets_an_identity_and_counts_as_cleanly_stopped()
    {
        using LogDirectory directory = Open(cluster: null);
        Assert.Equal((true, true, false, NewId, null), (directory.IsNew, directory.WasCleanShutdown, directory.MayHaveLostUnsynced, directory.DirectoryId, directory.ClusterId));
        directory.SetClusterId("later");
        directory.Dispose();
        using LogDirectory again = Open(cluster: "later");
        Assert.Equal((false, "later", NewId), (again.IsNew, again.ClusterId, again.DirectoryId));
        Assert.Equal($"#\nnode.id=1\ndirectory.id={NewId}\nversion=1\ncluster.id=later\n", Encoding.UTF8.GetString(_disk.ReadAll("/d/meta.properties")));
    }

    [Fact]
    public void Another_process_another_node_or_another_cluster_is_refused_and_told_why()
    {
        using (Open())
            Assert.Equal(LogDirectoryProblem.Locked, Assert.Throws<LogDirectoryException>(() => Open()).Problem);
        LogDirectoryException wrongNode = Assert.Throws<LogDirectoryException>(() => Open(nodeId: 2));
        Assert.Equal(LogDirectoryProblem.WrongNode, wrongNode.Problem);
        Assert.Contains("node.id 1", wrongNode.Message, StringComparison.Ordinal);
        Assert.Equal(LogDirectoryProblem.WrongCluster, Assert.Throws<LogDirectoryException>(() => Open(cluster: "x")).Problem);
        using LogDirectory right = Open();
        Assert.False(right.IsNew);
    }

    [Theory]
    [InlineData("version=0\nnode.id=1\n")]
    [InlineData("version=1\n")]
    [InlineData("version=1\nnode.id=one\n")]
    [InlineData("version=1\nnode.id=1\ndirectory.id=short\n")]
    [InlineData("nonsense")]
    public void A_meta_properties_that_cannot_be_understood_is_refused(string text)
    {
        _disk.WriteAll("/d/meta.properties", Encoding.UTF8.GetBytes(text));
        Assert.Equal(LogDirectoryProblem.BadMetaProperties, Assert.Throws<LogDirectoryException>(() => Open()).Problem);
    }

    [Fact]
    public void A_stop_is_clean_only_with_the_marker_and_harmless_only_on_the_same_boot()
    {
        using (LogDirectory first = Open())
        {
            first.BeginRun();
            first.RecordBrokerEpoch(7);
            first.MarkCleanShutdown(7);
        }

        Assert.Equal("""{"version":0,"brokerEpoch":7}""", Encoding.UTF8.GetString(_disk.ReadAll("/d/.kafka_cleanshutdown")));
        using (LogDirectory failedStart = Open(boot: "b2"))
            Assert.Equal((true, false, 7L), (failedStart.WasCleanShutdown, failedStart.MayHaveLostUnsynced, failedStart.PreviousBrokerEpoch));
        using (LogDirectory second = Open(boot: "b2"))
        {
            Assert.True(second.WasCleanShutdown);
            second.BeginRun();
            second.RecordBrokerEpoch(8);
        }

        using (LogDirectory killed = Open(boot: "b2"))
            Assert.Equal((false, false, 8L), (killed.WasCleanShutdown, killed.MayHaveLostUnsynced, killed.PreviousBrokerEpoch));
        using (LogDirectory rebooted = Open(boot: "b3"))
            Assert.Equal((false, true, 8L), (rebooted.WasCleanShutdown, rebooted.MayHaveLostUnsynced, rebooted.PreviousBrokerEpoch));
        using LogDirectory unknown = Open(boot: "");
        Assert.True(unknown.MayHaveLostUnsynced);
    }

    [Fact]
    public void A_start_that_dies_before_its_logs_were_opened_does_not_hide_a_power_loss_from_the_next()
    {
        using (LogDirectory running = Open(boot: "b1"))
        {
            running.BeginRun();
            running.RecordBrokerEpoch(3);
        }

        using (LogDirectory diesEarly = Open(boot: "b2"))
        {
            Assert.True(diesEarly.MayHaveLostUnsynced);
            diesEarly.BeginRun();
            diesEarly.RecordBrokerEpoch(4);
        }

        using (LogDirectory recovers = Open(boot: "b2"))
        {
            Assert.True(recovers.MayHaveLostUnsynced);
            recovers.BeginRun();
            recovers.RecordBrokerEpoch(5);
            recovers.MarkRecovered();
        }

        using LogDirectory killed = Open(boot: "b2");
        Assert.Equal((false, 5L), (killed.MayHaveLostUnsynced, killed.PreviousBrokerEpoch));
    }

    [Fact]
    public void A_full_disk_at_the_start_of_a_run_does_not_keep_the_clean_marker()
    {
        using (LogDirectory first = Open(boot: "b1"))
        {
            first.BeginRun();
            first.MarkCleanShutdown(1);
        }

        using (LogDirectory second = Open(boot: "b1"))
        {
            _disk.Fault = (operation, path) => operation == "write" && path.Contains("orleanslog.session", StringComparison.Ordinal) ? DiskErrorKind.NoSpace : null;
            Assert.Equal(DiskErrorKind.NoSpace, Assert.Throws<DiskException>(second.BeginRun).Kind);
            Assert.True(second.HasBegunRun);
            _disk.Fault = null;
        }

        using LogDirectory afterPowerLoss = Open(boot: "b2");
        Assert.Equal((false, true), (afterPowerLoss.WasCleanShutdown, afterPowerLoss.MayHaveLostUnsynced));
    }

    [Fact]
    public void A_run_has_not_begun_before_the_removal_of_the_marker_is_on_disk()
    {
        using (LogDirectory first = Open())
            first.MarkCleanShutdown(1);
        using LogDirectory second = Open();
        _disk.Fault = (operation, _) => operation == "syncdir" ? DiskErrorKind.TooManyFiles : null;
        Assert.Throws<DiskException>(second.BeginRun);
        Assert.False(second.HasBegunRun);
        _disk.Fault = null;
        int before = _disk.Operations["syncdir"];
        second.BeginRun();
        Assert.True(second.HasBegunRun);
        Assert.True(_disk.Operations["syncdir"] >= before + 2, "the marker's removal and the session's rename are synced");
    }

    [Fact]
    public void A_run_that_did_not_look_at_every_log_after_an_unclean_stop_leaves_no_clean_marker()
    {
        using (LogDirectory killed = Open(boot: "b1"))
            killed.BeginRun();
        using (LogDirectory endsEarly = Open(boot: "b2"))
            Assert.False(endsEarly.MarkCleanShutdown(1));
        using (LogDirectory recovers = Open(boot: "b2"))
        {
            Assert.Equal((false, true), (recovers.WasCleanShutdown, recovers.MayHaveLostUnsynced));
            recovers.BeginRun();
            recovers.MarkRecovered();
            Assert.True(recovers.MarkCleanShutdown(2));
        }

        using LogDirectory next = Open(boot: "b3");
        Assert.True(next.WasCleanShutdown);
    }

    [Fact]
    public void A_directory_with_partitions_but_without_its_identity_was_not_cleanly_stopped()
    {
        _disk.CreateDirectory("/d/t-0");
        using LogDirectory directory = Open();
        Assert.Equal((true, false, true), (directory.IsNew, directory.WasCleanShutdown, directory.MayHaveLostUnsynced));
    }

    [Fact]
    public void Checkpoints_come_back_as_they_were_written_in_the_references_form()
    {
        using LogDirectory directory = Open();
        Assert.Empty(directory.RecoveryPoints.Read());
        var offsets = new Dictionary<TopicPartitionName, long> { [Orders] = 5, [new("t", 0)] = long.MaxValue };
        directory.RecoveryPoints.Write(offsets);
        Assert.Equal(offsets, directory.RecoveryPoints.Read());
        Assert.Equal($"0\n2\norders-eu 3 5\nt 0 {long.MaxValue}\n", Encoding.UTF8.GetString(_disk.ReadAll("/d/recovery-point-offset-checkpoint")));
    }

    [Theory]
    [InlineData("1\n0\n", 1)]
    [InlineData("0\n2\nt 0 1\n", 2)]
    [InlineData("0\nx\n", 2)]
    [InlineData("0\n1\nt 0\n", 3)]
    [InlineData("0\n1\nt 0 -1\n", 3)]
    [InlineData("0\n1\nt x 1\n", 3)]
    [InlineData("0\n2\nt 0 1\nt 0 2\n", 4)]
    [InlineData("", 1)]
    public void A_checkpoint_that_cannot_be_understood_names_file_and_line(string text, int line)
    {
        _disk.WriteAll("/d/replication-offset-checkpoint", Encoding.UTF8.GetBytes(text));
        using LogDirectory directory = Open();
        CheckpointFormatException error = Assert.Throws<CheckpointFormatException>(() => directory.HighWatermarks.Read());
        Assert.Equal(line, error.Line);
        Assert.Contains("replication-offset-checkpoint", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_partition_is_created_with_its_topic_id_marked_astray_and_deleted()
    {
        using LogDirectory directory = Open();
        string path = directory.CreatePartition(Orders, NewId);
        Assert.Equal(NewId, directory.ReadTopicId(path));
        Assert.Null(directory.ReadTopicId("/d"));
        string stray = directory.MarkAsStray(Orders, new Uuid(3, 4));
        Assert.Equal("/d/orders-eu-3.00000000000000030000000000000004-stray", stray);
        Assert.Throws<ArgumentException>(() => directory.DeletePartition(stray));
        directory.CreatePartition(Orders, NewId);
        string deleted = directory.MarkForDelete(Orders, new Uuid(5, 6));
        _disk.CreateDirectory("/d/lost+found");
        Assert.Equal(
            [(deleted, Orders, PartitionDirectoryKind.Delete), (stray, Orders, PartitionDirectoryKind.Stray)],
            directory.ListPartitions().OrderBy(found => found.Kind).Select(found => (found.Path, found.Name, found.Kind)));
        directory.DeletePartition(deleted);
        Assert.Single(directory.ListPartitions());
    }

    [Theory]
    [InlineData(1, "syncdir")]
    [InlineData(20, "syncall")]
    public void Partitions_that_were_synced_are_there_after_a_power_loss_and_many_are_synced_together(int count, string how)
    {
        using LogDirectory directory = Open();
        TopicPartitionName[] names = [.. Enumerable.Range(0, count).Select(number => new TopicPartitionName("orders", number))];
        string[] paths = [.. names.Select(name => directory.CreatePartition(name, NewId))];
        int before = _disk.Operations.GetValueOrDefault(how);
        directory.SyncPartitions(paths);
        Assert.InRange(_disk.Operations[how] - before, 1, 2);

        for (int seed = 0; seed < 10; seed++)
        {
            MemoryDisk crashed = _disk.Crash(seed, reorders: seed % 2 == 0);
            Assert.All(paths, path => Assert.Equal(NewId, PartitionMetadata.TryRead(crashed, path)));
        }
    }

    [Fact]
    public void A_long_topics_name_is_cut_so_that_the_directory_can_still_be_named()
    {
        using LogDirectory directory = Open();
        var name = new TopicPartitionName(new string('x', 249), 12);
        directory.CreatePartition(name, NewId);
        Assert.Equal(255, Path.GetFileName(directory.MarkForDelete(name, NewId)).Length);
        Assert.Equal(PartitionDirectoryKind.Delete, Assert.Single(directory.ListPartitions()).Kind);
    }

    [Fact]
    public void The_first_reason_to_be_offline_stays()
    {
        using LogDirectory directory = Open();
        var first = new DiskException(DiskErrorKind.Io, "/d", "fsync", 5);
        directory.MarkOffline(first);
        directory.MarkOffline(new DiskException(DiskErrorKind.ReadOnly, "/d", "write", 30));
        Assert.Same(first, directory.OfflineReason);
    }
}
