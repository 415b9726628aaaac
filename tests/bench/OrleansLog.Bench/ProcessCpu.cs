using System.Globalization;

namespace OrleansLog.Bench;

/// <summary>Processor time of a process, user and system, as Linux counts it.</summary>
internal static class ProcessCpu
{
    private const double TicksPerSecond = 100;

    /// <summary>Seconds since the process began.</summary>
    public static double Seconds(int processId)
    {
        // pid (name) state ... utime stime: the 14th and 15th, counted behind the name, which may hold blanks.
        var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/stat"));
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    /// <summary>Seconds that a process spends while something runs.</summary>
    public static async Task<double> DuringAsync(int processId, Func<Task> run)
    {
        var before = Seconds(processId);
        await run();
        return Seconds(processId) - before;
    }
}
