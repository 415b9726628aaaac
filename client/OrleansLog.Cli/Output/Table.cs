using System.Text;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace OrleansLog.Cli;

/// <summary>Rows under columns: drawn on a terminal, plain and aligned where a program reads.</summary>
internal sealed class Table(params string[] columns)
{
    private readonly List<string[]> _rows = [];

    /// <summary>Columns that are left out where no row has anything in them: what this cluster, or this protocol, does not tell.</summary>
    public string[] OnlyWhereKnown { get; init; } = [];

    public void Add(params string[] cells) => _rows.Add(cells);

    public void WriteTo(CliIo io)
    {
        if (io.OutIsTerminal)
        {
            Draw(io.Text);
        }
        else
        {
            WritePlain(io.Text);
        }
    }

    /// <summary>The table as it is drawn on a terminal.</summary>
    public IRenderable Drawn()
    {
        var table = new Spectre.Console.Table { Border = TableBorder.Rounded };
        var shown = Shown();
        _ = table.AddColumns(Array.ConvertAll(shown, column => new TableColumn(new Text(columns[column], new Style(decoration: Decoration.Bold)))));
        foreach (var row in _rows)
        {
            _ = table.AddRow(shown.Select(column => new Text(row[column])));
        }

        return table;
    }

    private void Draw(TextWriter output) => AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) }).Write(Drawn());

    private void WritePlain(TextWriter output)
    {
        var shown = Shown();
        var widths = Array.ConvertAll(shown, column => _rows.Select(row => row[column].Length).Append(columns[column].Length).Max());
        WriteRow(output, Array.ConvertAll(shown, column => columns[column]), widths);
        foreach (var row in _rows)
        {
            WriteRow(output, Array.ConvertAll(shown, column => row[column]), widths);
        }
    }

    private int[] Shown() =>
        [.. Enumerable.Range(0, columns.Length).Where(column => !OnlyWhereKnown.Contains(columns[column]) || _rows.Exists(row => row[column].Length > 0))];

    private static void WriteRow(TextWriter output, string[] cells, int[] widths)
    {
        var line = new StringBuilder();
        for (var i = 0; i < cells.Length; i++)
        {
            _ = line.Append(cells[i].Length == 0 ? "-" : cells[i]).Append(' ', widths[i] - Math.Max(cells[i].Length, cells[i].Length == 0 ? 1 : 0) + 2);
        }

        output.WriteLine(line.ToString().TrimEnd());
    }
}
