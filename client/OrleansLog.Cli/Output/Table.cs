using System.Text;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace OrleansLog.Cli;

/// <summary>Rows under columns: drawn on a terminal, plain and aligned where a program reads.</summary>
internal sealed class Table(params string[] columns)
{
    private readonly List<string[]> _rows = [];

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
        _ = table.AddColumns(Array.ConvertAll(columns, column => new TableColumn(new Text(column, new Style(decoration: Decoration.Bold)))));
        foreach (var row in _rows)
        {
            _ = table.AddRow(row.Select(cell => new Text(cell)));
        }

        return table;
    }

    private void Draw(TextWriter output) => AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) }).Write(Drawn());

    private void WritePlain(TextWriter output)
    {
        var widths = columns.Select((column, i) => _rows.Select(row => row[i].Length).Append(column.Length).Max()).ToArray();
        WriteRow(output, columns, widths);
        foreach (var row in _rows)
        {
            WriteRow(output, row, widths);
        }
    }

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
