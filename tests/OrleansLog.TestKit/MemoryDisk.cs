using OrleansLog.Log;

namespace OrleansLog.TestKit;

/// <summary>
/// A disk in memory that knows what was synced: <see cref="Crash"/> gives the disk that a power loss would leave. Faults
/// are planted with <see cref="Fault"/> and <see cref="CapacityBytes"/>. Names in directories become durable in order, as with a journal.
/// </summary>
public sealed partial class MemoryDisk : IDisk
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, MemoryFile> _files = new(StringComparer.Ordinal);
    private readonly HashSet<string> _directories = new(StringComparer.Ordinal);
    private readonly HashSet<string> _locks = new(StringComparer.Ordinal);
    private readonly List<(long Number, string Directory, Action<SortedDictionary<string, MemoryFile>> Redo)> _journal = [];
    private long _changes;
    private SortedDictionary<string, MemoryFile> _durableNames = new(StringComparer.Ordinal);

    /// <summary>Asked before every operation, with its name (open, read, write, truncate, sync, rename, delete, list, syncdir, syncall) and path; returns an error to throw.</summary>
    public Func<string, string, DiskErrorKind?>? Fault { get; set; }

    /// <summary>Whether a file's bytes are in the system's memory, by its path: where they are not, a read that does not wait for the disk comes back without them.</summary>
    public Func<string, bool> IsCached { get; set; } = static _ => true;

    /// <summary>Writes beyond this fail with NoSpace, after a part of the bytes was written.</summary>
    public long CapacityBytes { get; set; } = long.MaxValue;

    /// <summary>The time that files get when they are written.</summary>
    public long NowMs { get; set; }

    /// <summary>Operations so far, by name.</summary>
    public Dictionary<string, int> Operations { get; } = [];

    /// <summary>Files that are open now.</summary>
    public int OpenFiles { get; private set; }

    public long UsedBytes
    {
        get
        {
            lock (_lock)
            {
                return _files.Values.Sum(file => (long)file.Length);
            }
        }
    }

    /// <summary>
    /// What is left after the power went: what was synced, and of the rest everything up to a moment that the seed decides, down
    /// to a byte of a write; or, if <paramref name="reorders"/>, any blocks of it. This disk must not be used any more.
    /// </summary>
    public MemoryDisk Crash(int seed, bool reorders = false)
    {
        lock (_lock)
        {
            var random = new Random(seed);
            var disk = new MemoryDisk { NowMs = NowMs };
            disk._directories.UnionWith(_directories);
            long moment = random.NextInt64(_changes + 1);
            var names = new SortedDictionary<string, MemoryFile>(_durableNames, StringComparer.Ordinal);
            foreach (var (_, _, redo) in _journal.Where(entry => entry.Number < moment))
            {
                redo(names);
            }

            foreach (var (path, file) in names)
            {
                disk._files[path] = reorders ? file.AnyBlocks(random) : file.At(moment, random);
            }

            disk._durableNames = new SortedDictionary<string, MemoryFile>(disk._files, StringComparer.Ordinal);
            return disk;
        }
    }

    /// <summary>What is left after the process was killed: everything, but nobody holds it.</summary>
    public MemoryDisk Kill()
    {
        lock (_lock)
        {
            var disk = new MemoryDisk { NowMs = NowMs, _durableNames = _durableNames, _changes = _changes };
            disk._directories.UnionWith(_directories);
            disk._journal.AddRange(_journal);
            foreach (var (path, file) in _files)
            {
                disk._files[path] = file;
            }

            return disk;
        }
    }

    /// <summary>The content of a file, to look at or to damage.</summary>
    public byte[] ReadAll(string path) => Get(path, "read").ToArray();

    /// <summary>Replaces a file's content, durably, as somebody does while the broker is stopped.</summary>
    public void WriteAll(string path, byte[] content)
    {
        lock (_lock)
        {
            _directories.Add(Parent(path));
            _files[path] = _durableNames[path] = new MemoryFile(content);
        }
    }

    public IEnumerable<string> Files(string directory)
    {
        lock (_lock)
        {
            return [.. _files.Keys.Where(path => Parent(path) == directory)];
        }
    }

    public IDiskFile Open(string path, DiskOpen mode)
    {
        Step("open", path);
        lock (_lock)
        {
            if (!_files.TryGetValue(path, out var file))
            {
                if (mode is DiskOpen.Read or DiskOpen.ReadWrite || !_directories.Contains(Parent(path)))
                {
                    throw new DiskException(DiskErrorKind.NotFound, path, "open", 2);
                }

                var created = file = new MemoryFile([]) { LastWriteMs = NowMs };
                _files[path] = created;
                Journal(Parent(path), names => names[path] = created);
            }
            else if (mode == DiskOpen.CreateOrTruncate)
            {
                file.Truncate(_changes++, 0);
            }

            OpenFiles++;
            return new OpenFile(this, path, file);
        }
    }

    public bool FileExists(string path)
    {
        lock (_lock)
        {
            return _files.ContainsKey(path);
        }
    }

    public bool DirectoryExists(string path)
    {
        lock (_lock)
        {
            return _directories.Contains(path);
        }
    }

    public long FileLength(string path) => Get(path, "stat").Length;

    public void Delete(string path)
    {
        Step("delete", path);
        lock (_lock)
        {
            if (_files.Remove(path))
            {
                Journal(Parent(path), names => names.Remove(path));
            }
        }
    }

    public void Rename(string from, string to)
    {
        Step("rename", from);
        lock (_lock)
        {
            if (_files.Remove(from, out var file))
            {
                _files[to] = file;
                Journal(Parent(to), names => Move(names, from, to));
            }
            else if (_directories.Contains(from))
            {
                RenameDirectory(from, to);
            }
            else
            {
                throw new DiskException(DiskErrorKind.NotFound, from, "rename", 2);
            }
        }
    }

    public void CreateDirectory(string path)
    {
        Step("mkdir", path);
        lock (_lock)
        {
            for (string? at = path; !string.IsNullOrEmpty(at) && _directories.Add(at); at = Path.GetDirectoryName(at))
            {
            }
        }
    }

    public void DeleteDirectory(string path)
    {
        Step("rmdir", path);
        lock (_lock)
        {
            foreach (var file in _files.Keys.Where(file => IsInside(file, path)).ToArray())
            {
                _files.Remove(file);
                _durableNames.Remove(file);
            }

            _directories.RemoveWhere(directory => directory == path || IsInside(directory, path));
        }
    }

    public IReadOnlyList<DiskEntry> List(string directory)
    {
        Step("list", directory);
        lock (_lock)
        {
            if (!_directories.Contains(directory))
            {
                throw new DiskException(DiskErrorKind.NotFound, directory, "list", 2);
            }

            return
            [
                .. _directories.Where(inner => Parent(inner) == directory).Select(inner => new DiskEntry(Path.GetFileName(inner), true, 0, 0)),
                .. _files.Where(file => Parent(file.Key) == directory)
                    .Select(file => new DiskEntry(Path.GetFileName(file.Key), false, file.Value.Length, file.Value.LastWriteMs)),
            ];
        }
    }

    public void SyncDirectory(string directory)
    {
        Step("syncdir", directory);
        lock (_lock)
        {
            foreach (var (_, _, redo) in _journal.Where(entry => entry.Directory == directory))
            {
                redo(_durableNames);
            }

            _journal.RemoveAll(entry => entry.Directory == directory);
        }
    }

    public bool TrySyncAll(string path)
    {
        Step("syncall", path);
        lock (_lock)
        {
            foreach (var file in _files.Values)
            {
                file.Sync();
            }

            foreach (var (_, _, redo) in _journal)
            {
                redo(_durableNames);
            }

            _journal.Clear();
            return true;
        }
    }

    public DiskSpace Space(string path) =>
        new(CapacityBytes, CapacityBytes == long.MaxValue ? long.MaxValue : Math.Max(0, CapacityBytes - UsedBytes));

    public IDisposable? TryLock(string path)
    {
        Step("lock", path);
        lock (_lock)
        {
            return _locks.Add(path) ? new Unlock(this, path) : null;
        }
    }

    internal void Step(string operation, string path)
    {
        lock (_lock)
        {
            Operations[operation] = Operations.GetValueOrDefault(operation) + 1;
        }

        if (Fault?.Invoke(operation, path) is { } kind)
        {
            throw new DiskException(kind, path, operation, errno: 5);
        }
    }

    private long NextChange() => Interlocked.Increment(ref _changes) - 1;

    private static void Move(SortedDictionary<string, MemoryFile> names, string from, string to)
    {
        if (names.Remove(from, out var file))
        {
            names[to] = file;
        }
    }

    private void RenameDirectory(string from, string to)
    {
        foreach (var names in (SortedDictionary<string, MemoryFile>[])[_files, _durableNames])
        {
            foreach (var file in names.Keys.Where(file => IsInside(file, from)).ToArray())
            {
                Move(names, file, to + file[from.Length..]);
            }
        }

        foreach (var inner in _directories.Where(inner => inner == from || IsInside(inner, from)).ToArray())
        {
            _directories.Remove(inner);
            _directories.Add(to + inner[from.Length..]);
        }
    }

    private static bool IsInside(string path, string directory) =>
        path.Length > directory.Length && path.StartsWith(directory, StringComparison.Ordinal) && path[directory.Length] == Path.DirectorySeparatorChar;

    private static string Parent(string path) => Path.GetDirectoryName(path) ?? "";

    private void Journal(string directory, Action<SortedDictionary<string, MemoryFile>> redo) => _journal.Add((_changes++, directory, redo));

    private MemoryFile Get(string path, string operation)
    {
        lock (_lock)
        {
            return _files.TryGetValue(path, out var file) ? file : throw new DiskException(DiskErrorKind.NotFound, path, operation, 2);
        }
    }

    private sealed class Unlock(MemoryDisk disk, string path) : IDisposable
    {
        public void Dispose()
        {
            lock (disk._lock)
            {
                disk._locks.Remove(path);
            }
        }
    }
}
