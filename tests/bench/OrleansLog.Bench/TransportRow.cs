using System.Globalization;
using OrleansLog.Bench.References;

namespace OrleansLog.Bench;

/// <summary>The question of ADR 15: what a frame of 1 MiB costs from the socket to a file.</summary>
internal static class TransportRow
{
    public static async Task<BenchRow> RunAsync(Scale scale, int pairs)
    {
        using var sink = ReferenceProcess.Start("sink", CpuRows.AnswerBytes.ToString(CultureInfo.InvariantCulture));
        using var kestrel = ReferenceProcess.Start("kestrel");
        var figures = await Paired.RunAsync(pairs, () => CpuRows.SendAsync(sink, scale), () => CpuRows.SendAsync(kestrel, scale));
        return new BenchRow("CPU for each GiB received in frames of 1 MiB and written to a file, plain sockets", "s", figures.Ours, figures.Reference, figures.Ratio,
            "reported", "Kestrel, blocks of 256 KiB, one copy into a whole frame");
    }
}
