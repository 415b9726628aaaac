using System.CommandLine;

namespace OrleansLog.Cli;

/// <summary><c>olog log dump</c>: looks into a broker's files. Needs no broker.</summary>
internal static class LogCommand
{
    public static Command Build(CommandContext context) => new("log", "Look into the files of a log directory; no broker needed")
    {
        Dump(context),
    };

    private static Command Dump(CommandContext context)
    {
        var files = new Argument<string[]>("FILE")
        {
            Description = "Segments (.log), indexes (.index .timeindex .txnindex), checkpoints, meta.properties, or a directory of them",
            Arity = ArgumentArity.OneOrMore,
        };
        var records = new Option<bool>("--records", "-r") { Description = "Show the records of each batch" };
        var damageOnly = new Option<bool>("--check", "-q") { Description = "Only check: show damage and one line for each file" };
        var command = new Command("dump", "Show the batches and entries of files, and check them: CRCs, offsets, that indexes point at batches")
        {
            files,
            records,
            damageOnly,
        };
        return context.Run(command, invocation => Task.FromResult(
            Run(invocation, invocation.Get(files), invocation.Get(records), invocation.Get(damageOnly))));
    }

    private static ExitCode Run(Invocation invocation, string[] paths, bool showRecords, bool isCheck)
    {
        DumpTotals totals;
        if (invocation.IsJson)
        {
            using var buffer = new OutputBuffer(invocation.Io.Out);
            using var lines = new JsonLines(buffer);
            totals = Dump(new JsonDumpSink(lines));
            buffer.Flush();
        }
        else
        {
            totals = Dump(new TextDumpSink(invocation.Io.Text));
        }

        return totals.DamagedFiles == 0
            ? ExitCode.Ok
            : throw new CliException(ExitCode.Damage, $"damage in {Sizes.Count(totals.DamagedFiles)} of {Sizes.Count(totals.Files, "file")}");

        DumpTotals Dump(IDumpSink sink) =>
            new Dumper(isCheck ? new CheckSink(sink) : sink, showRecords && !isCheck).Run(paths, invocation.Cancellation);
    }
}
