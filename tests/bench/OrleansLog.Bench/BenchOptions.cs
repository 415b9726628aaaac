using System.Globalization;

namespace OrleansLog.Bench;

/// <summary>What the command line asks for.</summary>
internal sealed class BenchOptions
{
    private readonly HashSet<string> _rows = new(StringComparer.Ordinal);
    private readonly List<string> _settings = [];
    private string? _ours;
    private string? _bare;

    /// <summary>Measured pairs of each row.</summary>
    public int Pairs { get; private set; } = 5;

    /// <summary>How much each row does.</summary>
    public Scale Scale { get; private set; } = new(IsQuick: false);

    /// <summary>Settings of our silos beyond those of their rows, to try something out.</summary>
    public IReadOnlyList<string> Settings => _settings;

    /// <summary>Directory of the published silo.</summary>
    public string Ours => Published(_ours);

    /// <summary>Directory of the published bare silo.</summary>
    public string Bare => Published(_bare);

    public static BenchOptions Parse(string[] arguments)
    {
        var options = new BenchOptions();
        for (var i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--pairs":
                    options.Pairs = int.Parse(arguments[++i], CultureInfo.InvariantCulture);
                    break;
                case "--quick":
                    options.Scale = new Scale(IsQuick: true);
                    options.Pairs = 1;
                    break;
                case "--set":
                    options._settings.Add(arguments[++i]);
                    break;
                case "--ours":
                    options._ours = arguments[++i];
                    break;
                case "--bare":
                    options._bare = arguments[++i];
                    break;
                default:
                    options._rows.Add(arguments[i]);
                    break;
            }
        }

        return options;
    }

    /// <summary>True when a row was asked for, or all are.</summary>
    public bool Wants(string row) => _rows.Count == 0 || _rows.Contains(row);

    private static string Published(string? directory) =>
        directory ?? throw new ArgumentException("This row needs --ours and --bare, the published silos; tests/bench/run gives them.");
}
