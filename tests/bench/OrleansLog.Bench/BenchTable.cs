using System.Globalization;

namespace OrleansLog.Bench;

/// <summary>Prints rows as a Markdown table, ready for docs/internals/performance.md.</summary>
internal static class BenchTable
{
    public static void Print(IReadOnlyList<BenchRow> rows)
    {
        Console.WriteLine("| what | unit | ours | reference | ratio | goal | reference is |");
        Console.WriteLine("|---|---|---:|---:|---:|---|---|");
        foreach (var row in rows)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {row.What} | {row.Unit} | {Figure(row.Ours)} | {Figure(row.Reference)} | {(double.IsNaN(row.Ratio) ? "-" : row.Ratio.ToString("0.00", CultureInfo.InvariantCulture))} | {row.Goal} | {row.Note} |"));
        }
    }

    private static string Figure(double value) =>
        double.IsNaN(value) ? "-" : value.ToString(value >= 100 ? "N0" : "0.00", CultureInfo.InvariantCulture);
}
