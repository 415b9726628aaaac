using OrleansLog.Grains.Disk;
using OrleansLog.Log;
using OrleansLog.TestKit;

namespace OrleansLog.Grains.Tests.Disk;

/// <summary>The disk over libc and the disk over .NET keep the same promises.</summary>
public sealed class FileSystemDiskTests : IDisposable
{
    private readonly TempDirectory _directory = new("disk");

    public static TheoryData<string> Disks => ["native", "portable"];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Disks))]
    public void What_is_written_at_a_position_is_read_there(string name)
    {
        using var file = Disk(name).Open(_directory.Combine("a"), DiskOpen.OpenOrCreate);

        file.Write(3, "hello"u8);
        file.Sync(dataOnly: true);

        Assert.Equal(8, file.Length);
        var buffer = new byte[10];
        Assert.Equal(5, file.Read(3, buffer));
        Assert.Equal("hello"u8.ToArray(), buffer[..5]);
        Assert.Equal(0, file.Read(100, buffer));
    }

    [Theory]
    [MemberData(nameof(Disks))]
    public void A_gathered_write_of_more_buffers_than_one_call_takes_is_whole(string name)
    {
        using var file = Disk(name).Open(_directory.Combine("a"), DiskOpen.OpenOrCreate);
        var parts = Enumerable.Range(0, 2500).Select(i => new ReadOnlyMemory<byte>(Enumerable.Repeat((byte)i, i % 7).ToArray())).ToArray();
        var expected = parts.SelectMany(part => part.ToArray()).ToArray();

        file.Write(1, parts);

        var buffer = new byte[expected.Length];
        Assert.Equal(expected.Length, file.Read(1, buffer));
        Assert.Equal(expected, buffer);
    }

    [Theory]
    [MemberData(nameof(Disks))]
    public void What_is_in_memory_is_read_without_the_disk_and_the_end_of_a_file_is_for_who_may_wait(string name)
    {
        var bytes = new byte[100_000];
        Random.Shared.NextBytes(bytes);
        using var file = Disk(name).Open(_directory.Combine("cached"), DiskOpen.OpenOrCreate);
        file.Write(0, bytes);

        var buffer = new byte[60_000];
        Assert.True(file.TryReadCached(40_000, buffer, out var read));
        Assert.Equal(buffer.Length, read);
        Assert.Equal(bytes[40_000..], buffer);
        if (file.TryReadCached(40_001, buffer, out read))
            Assert.Equal(buffer.Length - 1, read);
    }

    [Fact]
    public void What_the_system_has_dropped_is_not_read_without_the_disk()
    {
        if (!OperatingSystem.IsLinux() || new DriveInfo(_directory.Path).DriveFormat is not ("ext4" or "xfs" or "btrfs"))
            return;

        var bytes = new byte[1 << 20];
        Random.Shared.NextBytes(bytes);
        var path = _directory.Combine("dropped");
        using var file = FileSystemDisk.Create().Open(path, DiskOpen.OpenOrCreate);
        file.Write(0, bytes);
        file.Sync(dataOnly: false);
        PageCache.Drop(path);

        // The first look may begin to read ahead, so it is the only one that tells.
        var buffer = new byte[bytes.Length];
        Assert.False(file.TryReadCached(0, buffer, out _));
        Assert.Equal(buffer.Length, file.Read(0, buffer));
        Assert.Equal(bytes, buffer);
        Assert.True(file.TryReadCached(0, buffer, out var read));
        Assert.Equal(buffer.Length, read);
    }

    [Theory]
    [MemberData(nameof(Disks))]
    public void A_missing_file_is_not_found_to_open_and_nothing_to_delete(string name)
    {
        var disk = Disk(name);
        var missing = _directory.Combine("missing");

        Assert.Equal(DiskErrorKind.NotFound, Assert.Throws<DiskException>(() => disk.Open(missing, DiskOpen.Read)).Kind);
        Assert.Equal(DiskErrorKind.NotFound, Assert.Throws<DiskException>(() => disk.Open(missing, DiskOpen.ReadWrite)).Kind);
        Assert.Equal(DiskErrorKind.NotFound, Assert.Throws<DiskException>(() => disk.FileLength(missing)).Kind);
        Assert.Equal(DiskErrorKind.NotFound, Assert.Throws<DiskException>(() => disk.List(missing)).Kind);
        Assert.Equal(DiskErrorKind.NotFound, Assert.Throws<DiskException>(() => disk.SyncDirectory(missing)).Kind);
        disk.Delete(missing);
        disk.DeleteDirectory(missing);
    }

    [Theory]
    [MemberData(nameof(Disks))]
    public void Create_or_truncate_empties_and_truncate_cuts(string name)
    {
        var disk = Disk(name);
        var path = _directory.Combine("a");
        File.WriteAllText(path, "0123456789");
        using (var file = disk.Open(path, DiskOpen.ReadWrite))
            file.Truncate(4);

        Assert.Equal(4, disk.FileLength(path));
        disk.Open(path, DiskOpen.CreateOrTruncate).Dispose();
        Assert.Equal(0, disk.FileLength(path));
    }

    [Theory]
    [MemberData(nameof(Disks))]
    public void A_rename_replaces_a_file_and_moves_a_directory(string name)
    {
        var disk = Disk(name);
        File.WriteAllText(_directory.Combine("a"), "new");
        File.WriteAllText(_directory.Combine("b"), "old");
        disk.CreateDirectory(_directory.Combine("d", "e"));

        disk.Rename(_directory.Combine("a"), _directory.Combine("b"));
        disk.Rename(_directory.Combine("d"), Path.Combine(_directory.Path, "f"));
        disk.SyncDirectory(_directory.Path);

        Assert.Equal("new", File.ReadAllText(_directory.Combine("b")));
        Assert.True(disk.DirectoryExists(Path.Combine(_directory.Path, "f", "e")));
        Assert.Equal(["b", "f"], disk.List(_directory.Path).Select(entry => entry.Name).Order());
        Assert.Equal(3, disk.List(_directory.Path).Single(entry => !entry.IsDirectory).Length);
    }

    [Theory]
    [MemberData(nameof(Disks))]
    public void A_directory_exists_only_as_a_directory_and_all_can_be_synced_at_once_where_the_platform_can(string name)
    {
        var disk = Disk(name);
        disk.CreateDirectory(_directory.Combine("d"));
        File.WriteAllText(Path.Combine(_directory.Path, "d", "f"), "text");

        Assert.True(disk.DirectoryExists(Path.Combine(_directory.Path, "d")));
        Assert.False(disk.DirectoryExists(Path.Combine(_directory.Path, "none")));
        Assert.False(disk.DirectoryExists(Path.Combine(_directory.Path, "d", "f")));
        Assert.False(disk.DirectoryExists(Path.Combine(_directory.Path, "d", "f", "below")));
        Assert.Equal(OperatingSystem.IsLinux() && name == "native", disk.TrySyncAll(_directory.Path));
    }

    [Theory]
    [MemberData(nameof(Disks))]
    public void A_lock_is_exclusive_also_within_one_process(string name)
    {
        var disk = Disk(name);
        var path = _directory.Combine(".lock");
        using (var held = disk.TryLock(path))
        {
            Assert.NotNull(held);
            Assert.Null(disk.TryLock(path));
        }

        using var again = disk.TryLock(path);
        Assert.NotNull(again);
    }

    [Theory]
    [MemberData(nameof(Disks))]
    public void A_directory_in_the_place_of_a_file_is_a_typed_error(string name)
    {
        var disk = Disk(name);
        disk.CreateDirectory(_directory.Combine("d"));

        Assert.Throws<DiskException>(() => disk.Open(_directory.Combine("d"), DiskOpen.OpenOrCreate));
    }

    [SkippableLinuxFact]
    public void A_full_device_is_no_space()
    {
        using var full = Disk("native").Open("/dev/full", DiskOpen.ReadWrite);

        var one = Assert.Throws<DiskException>(() => full.Write(0, "x"u8));
        var many = Assert.Throws<DiskException>(() => full.Write(0, [new byte[] { 1 }, new byte[] { 2 }]));

        Assert.Equal((DiskErrorKind.NoSpace, 28, DiskErrorKind.NoSpace), (one.Kind, one.Errno, many.Kind));
    }

    [Fact]
    public void Space_is_told() => Assert.InRange(Disk("native").Space(_directory.Path).AvailableBytes, 1, Disk("native").Space(_directory.Path).TotalBytes);

    private static IDisk Disk(string name) => name == "native" ? FileSystemDisk.Create() : FileSystemDisk.CreatePortable();

    private sealed class SkippableLinuxFactAttribute : FactAttribute
    {
        public SkippableLinuxFactAttribute() => Skip = OperatingSystem.IsLinux() ? null : "needs /dev/full";
    }
}
