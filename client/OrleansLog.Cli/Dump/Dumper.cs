namespace OrleansLog.Cli;

/// <summary>What a dump came to.</summary>
/// <param name="Files">Files looked into.</param>
/// <param name="DamagedFiles">Those with at least one fault.</param>
internal readonly record struct DumpTotals(int Files, int DamagedFiles);

/// <summary>Dumps files and directories: finds what they are, dumps each, and checks the indexes of every log.</summary>
internal sealed class Dumper(IDumpSink sink, bool showRecords)
{
    private readonly HashSet<string> _done = new(StringComparer.Ordinal);
    private (string Path, BatchMap Map)? _lastLog;
    private int _files;
    private int _damaged;

    public DumpTotals Run(IEnumerable<string> paths, CancellationToken cancellationToken)
    {
        foreach (var path in paths)
        {
            if (Directory.Exists(path))
            {
                foreach (var file in FilesOf(path))
                {
                    Dump(file, cancellationToken);
                }
            }
            else
            {
                Dump(path, cancellationToken);
            }
        }

        return new DumpTotals(_files, _damaged);
    }

    private static IEnumerable<string> FilesOf(string directory)
    {
        var files = Directory.GetFiles(directory)
            .Where(file => DumpedFileKinds.Of(file) != DumpedFileKind.Unknown)
            .OrderBy(DumpedFileKinds.BaseOffsetOf).ThenBy(DumpedFileKinds.Of).ThenBy(file => file, StringComparer.Ordinal)
            .ToArray();
        return files.Length > 0 ? files : throw new CliException(ExitCode.NotFound, $"{directory}: no segment, index or checkpoint file in it");
    }

    private void Dump(string path, CancellationToken cancellationToken)
    {
        if (!_done.Add(Path.GetFullPath(path)))
        {
            return;
        }

        var file = Describe(path);
        sink.Begin(file);
        switch (file.Kind)
        {
            case DumpedFileKind.Log:
                var log = new LogDump(file, sink, showRecords);
                End(log.Run(cancellationToken));
                _lastLog = (path, log.Map);
                CheckIndexesOf(path, log.Map);
                break;
            case DumpedFileKind.OffsetIndex or DumpedFileKind.TimeIndex or DumpedFileKind.TransactionIndex:
                End(new IndexDump(file, sink, MapBeside(path, cancellationToken)).Run());
                break;
            default:
                End(new CheckpointDump(file, sink).Run());
                break;
        }
    }

    // A log is only as good as its indexes: they are checked with it, without showing each entry.
    private void CheckIndexesOf(string path, BatchMap map)
    {
        foreach (var extension in (string[])[".index", ".timeindex"])
        {
            var index = Sibling(path, extension);
            if (index is not null && !_done.Contains(Path.GetFullPath(index)))
            {
                var quiet = new DamageSink(sink);
                var summary = new IndexDump(Describe(index), quiet, map).Run();
                if (summary.Damages > 0)
                {
                    _files++;
                    _damaged++;
                    _ = _done.Add(Path.GetFullPath(index));
                }
            }
        }
    }

    private BatchMap? MapBeside(string path, CancellationToken cancellationToken)
    {
        if (Sibling(path, ".log") is not { } log)
        {
            return null;
        }

        if (_lastLog is { } last && last.Path == log)
        {
            return last.Map;
        }

        var dump = new LogDump(Describe(log), new SilentSink(), showRecords: false);
        _ = dump.Run(cancellationToken);
        _lastLog = (log, dump.Map);
        return dump.Map;
    }

    // 0...0.log.deleted goes with 0...0.index.deleted.
    private static string? Sibling(string path, string extension)
    {
        var name = Path.GetFileName(path);
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        var next = name.IndexOf('.', dot + 1);
        var sibling = Path.Combine(Path.GetDirectoryName(path) ?? "", name[..dot] + extension + (next < 0 ? "" : name[next..]));
        return File.Exists(sibling) ? sibling : null;
    }

    private static DumpedFile Describe(string path)
    {
        var kind = DumpedFileKinds.Of(path);
        if (!File.Exists(path))
        {
            throw new CliException(ExitCode.NotFound, $"{path}: no such file or directory");
        }

        return kind != DumpedFileKind.Unknown
            ? new DumpedFile(path, kind, new FileInfo(path).Length, DumpedFileKinds.BaseOffsetOf(path))
            : throw new CliException(ExitCode.Usage,
                $"{path}: not a file that can be dumped; known are *.log, *.index, *.timeindex, *.txnindex, checkpoints, meta.properties, partition.metadata");
    }

    private void End(in DumpSummary summary)
    {
        _files++;
        _damaged += summary.Damages > 0 ? 1 : 0;
        sink.End(summary);
    }
}
