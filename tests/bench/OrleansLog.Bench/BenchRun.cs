namespace OrleansLog.Bench;

/// <summary>One run: the rows that were asked for, each on its own; one that fails leaves the others alone.</summary>
internal sealed class BenchRun(BenchOptions options)
{
    private readonly List<BenchRow> _rows = [];
    private readonly List<string> _failed = [];

    public void Add(BenchRow row)
    {
        _rows.Add(row);
        Console.Error.WriteLine($"  {row.What}: {row.Ours:N2} {row.Unit}, ratio {row.Ratio:N2}");
    }

    public async Task AddAsync(IAsyncEnumerable<BenchRow> rows)
    {
        await foreach (var row in rows)
            Add(row);
    }

    /// <summary>Rows that share a broker in this process.</summary>
    public async Task InBrokerAsync(string[] rows, Func<string, BrokerUnderTest, Task> run)
    {
        if (!rows.Any(options.Wants))
            return;

        await using var broker = await BrokerUnderTest.StartAsync();
        foreach (var row in rows)
            await AloneAsync(row, () => run(row, broker));
    }

    /// <summary>Rows with a published silo of their own.</summary>
    public Task InSiloAsync(string row, Func<SiloUnderTest, Task> run) => AloneAsync(row, async () =>
    {
        await using var silo = await SiloUnderTest.StartAsync(options.Ours, [.. options.Settings]);
        await run(silo);
    });

    /// <summary>The same for a client that is no Kafka client.</summary>
    public Task InSiloAsync(string row, string[] settings, Func<SiloProcess, Task> run) => AloneAsync(row, async () =>
    {
        await using var silo = SiloProcess.StartOurs(options.Ours, settings);
        await run(silo);
    });

    /// <summary>A row that needs nothing.</summary>
    public async Task AloneAsync(string row, Func<Task> run)
    {
        if (!options.Wants(row))
            return;

        Console.Error.WriteLine($"{row}:");
        try
        {
            await run();
        }
        catch (Exception error)
        {
            _failed.Add(row);
            Console.Error.WriteLine($"  {row} failed: {error}");
        }
    }

    /// <summary>Prints the table; 1 when a row failed.</summary>
    public int Finish()
    {
        BenchTable.Print(_rows);
        if (_failed.Count == 0)
            return 0;

        Console.Error.WriteLine("failed: " + string.Join(", ", _failed));
        return 1;
    }
}
