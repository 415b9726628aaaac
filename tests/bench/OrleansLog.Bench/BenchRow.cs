namespace OrleansLog.Bench;

/// <summary>One line of the table: ours and the reference in the same unit, measured in the same run.</summary>
/// <param name="What">What was measured.</param>
/// <param name="Unit">Unit of both figures.</param>
/// <param name="Ours">Median of ours.</param>
/// <param name="Reference">Median of the reference, or NaN where there is none.</param>
/// <param name="Ratio">Median of the pairwise ratios, or NaN.</param>
/// <param name="Goal">The goal, as text.</param>
/// <param name="Note">What the reference is.</param>
internal sealed record BenchRow(string What, string Unit, double Ours, double Reference, double Ratio, string Goal, string Note);

/// <summary>Alternates ours and the reference, because the machine's speed drifts, and takes medians.</summary>
internal static class Paired
{
    /// <summary>Warm-ups of a broker: its code is compiled again while it first runs, and a broker runs for months.</summary>
    private const int WarmUps = 8;

    /// <summary>Runs both <paramref name="pairs"/> times after warming both up.</summary>
    public static async Task<(double Ours, double Reference, double Ratio)> RunAsync(
        int pairs, Func<Task<double>> ours, Func<Task<double>> reference)
    {
        for (var i = 0; i < WarmUps; i++)
            await ours();

        await reference();
        var a = new double[pairs];
        var b = new double[pairs];
        var ratios = new double[pairs];
        for (var i = 0; i < pairs; i++)
        {
            // Whoever goes first touches colder memory; take turns.
            if (i % 2 == 0)
            {
                a[i] = await ours();
                b[i] = await reference();
            }
            else
            {
                b[i] = await reference();
                a[i] = await ours();
            }

            ratios[i] = a[i] / b[i];
            Console.Error.WriteLine($"    pair {i + 1}: ours {a[i]:N1}, reference {b[i]:N1}, ratio {ratios[i]:N2}");
        }

        return (Median(a), Median(b), Median(ratios));
    }

    /// <summary>The middle value.</summary>
    public static double Median(double[] values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
