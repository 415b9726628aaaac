using System.Globalization;

namespace OrleansLog.Cluster.Tests.Resources;

/// <summary>What a process holds, as the system counts it.</summary>
internal static class ProcessFigures
{
    private const string ResidentLine = "VmRSS:";

    /// <summary>Open files and sockets.</summary>
    public static int HandlesOf(int processId) => Directory.GetFiles($"/proc/{processId}/fd").Length;

    /// <summary>Resident memory, in MiB.</summary>
    public static int ResidentMiBOf(int processId)
    {
        var line = File.ReadLines($"/proc/{processId}/status").First(static line => line.StartsWith(ResidentLine, StringComparison.Ordinal));
        return int.Parse(line.AsSpan(ResidentLine.Length).TrimStart().ToString().Split(' ')[0], CultureInfo.InvariantCulture) / 1024;
    }
}
