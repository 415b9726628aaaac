// tests/bench/run [row ...]: prints a Markdown table. Rows: append ack read sdk remote socket alloc start memory recovery; all by default.
// --pairs N: measured pairs of each row (default 5). --ours DIR, --bare DIR: the published silos for remote, socket, start and memory.
using OrleansLog.Bench;

var pairs = 5;
string? ours = null;
string? bare = null;
var wanted = new HashSet<string>(StringComparer.Ordinal);
for (var i = 0; i < args.Length; i++)
{
    if (args[i] == "--pairs") pairs = int.Parse(args[++i], System.Globalization.CultureInfo.InvariantCulture);
    else if (args[i] == "--ours") ours = args[++i];
    else if (args[i] == "--bare") bare = args[++i];
    else wanted.Add(args[i]);
}

bool Wanted(string row) => wanted.Count == 0 || wanted.Contains(row);
string Published(string? directory) =>
    directory ?? throw new ArgumentException("This row needs --ours and --bare, the published silos; tests/bench/run gives them.");
var rows = new List<BenchRow>();
void Add(BenchRow row)
{
    rows.Add(row);
    Console.Error.WriteLine($"  {row.What}: {row.Ours:N2} {row.Unit}, ratio {row.Ratio:N2}");
}

if (Wanted("append") || Wanted("ack") || Wanted("read") || Wanted("sdk") || Wanted("alloc"))
{
    await using var broker = await BrokerUnderTest.StartAsync(siloPort: 21_100);
    if (Wanted("append"))
    {
        Add(await AppendRows.RunAsync(broker, 16 << 10, ack: false, pairs));
        Add(await AppendRows.RunAsync(broker, 1 << 20, ack: false, pairs));
    }

    if (Wanted("ack"))
    {
        Add(await AppendRows.RunAsync(broker, 16 << 10, ack: true, pairs));
        Add(await AppendRows.RunAsync(broker, 1 << 20, ack: true, pairs));
    }

    if (Wanted("read")) Add(await ReadRow.RunAsync(broker, pairs));
    if (Wanted("sdk")) Add(await SdkRows.DirectAsync(broker, pairs));
    if (Wanted("alloc")) Add(await SdkRows.AllocatedAsync(broker));
}

if (Wanted("remote"))
{
    await using var silo = SiloProcess.StartOurs(Published(ours), 21_150);
    Add(await SdkRows.RemoteAsync(silo, pairs));
}

if (Wanted("socket"))
{
    await using var silo = SiloProcess.StartOurs(Published(ours), 21_160);
    await silo.WaitForGatewayAsync();
    await foreach (var row in new SocketRows(silo.KafkaAddress, pairs).RunAsync()) Add(row);
}

if (Wanted("start")) Add(await StartRows.StartAsync(Published(ours), Published(bare), pairs));
if (Wanted("memory")) Add(await StartRows.MemoryAsync(Published(ours), Published(bare)));
if (Wanted("recovery")) Add(await RecoveryRow.RunAsync(pairs));
BenchTable.Print(rows);
return 0;
