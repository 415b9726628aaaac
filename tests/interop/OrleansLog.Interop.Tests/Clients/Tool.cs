using System.ComponentModel;
using System.Diagnostics;

namespace Interop.Tests.Clients;

/// <summary>A command that may not be there.</summary>
internal static class Tool
{
    /// <summary>What it prints on both streams, or null when it is not there or fails.</summary>
    public static string? Output(string file, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? (output + errors.GetAwaiter().GetResult()).Trim() : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
