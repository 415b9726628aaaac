using System.Globalization;

namespace OrleansLog.Cli;

/// <summary>What <c>olog produce</c> says at its end: a line for people on standard error, a document for programs on standard output.</summary>
internal sealed class ProduceReport(CliIo io, ProduceSettings settings, ProduceTally tally, TimeSpan elapsed)
{
    private readonly long _bytes = tally.StoredBytes;

    public void Write(bool isJson, int partitionCount)
    {
        if (isJson)
        {
            JsonOutput.Write(
                io,
                new ProducedDocument(settings.Topic, tally.Stored, _bytes, Math.Round(elapsed.TotalSeconds, 3), tally.Failed, tally.ToDocuments()),
                DocumentContext.Default.ProducedDocument);
        }

        if (settings.IsQuiet || (!settings.IsVerbose && (!io.ErrorIsTerminal || isJson)))
        {
            return;
        }

        var rate = _bytes / Math.Max(elapsed.TotalSeconds, 1e-3);
        io.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"produced {Sizes.Count(tally.Stored, "record")}, {Sizes.Format(_bytes)} in {elapsed.TotalSeconds:0.00} s ({Sizes.Format(rate)}/s) to {settings.Topic}"));
        if (tally.ToDocuments().Count > 1 && settings.KeySeparator is null)
        {
            io.Error.WriteLine($"note: they are spread over {partitionCount} partitions, each in its own order; --partition 0 keeps the order of the input");
        }
    }
}
