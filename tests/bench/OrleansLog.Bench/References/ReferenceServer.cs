using System.Globalization;

namespace OrleansLog.Bench.References;

/// <summary>The bare servers that ours is measured against, each in a process of its own: <c>reference KIND [ARGUMENT ...]</c>.</summary>
internal static class ReferenceServer
{
    /// <summary>First argument of such a process.</summary>
    public const string Verb = "reference";

    /// <summary>Serves until the process is killed, or until its parent has gone.</summary>
    public static async Task RunAsync(string[] arguments)
    {
        switch (arguments[0])
        {
            case "sink":
                SinkServer.Start(Number(arguments[1]));
                break;
            case "source":
                SourceServer.Start(arguments[1], withSendFile: false);
                break;
            case "sendfile":
                SourceServer.Start(arguments[1], withSendFile: true);
                break;
            case "kestrel":
                await KestrelSink.StartAsync();
                break;
            case "recorded":
                RecordedFetchServer.Start(arguments[1], arguments[2], Number(arguments[3]));
                break;
            default:
                throw new ArgumentException($"there is no reference {arguments[0]}");
        }

        // The parent holds the other end of this pipe.
        await Console.In.ReadToEndAsync();
    }

    /// <summary>Tells the parent where this process listens.</summary>
    public static void Announce(int port) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"port {port}"));

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
