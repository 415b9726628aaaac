// tests/bench/run [row ...]: prints a Markdown table. All rows by default; their names are below.
// --pairs N: measured pairs of each row (default 5). --quick: one pair of each, and little work. --ours DIR, --bare DIR: the published silos.
// --set KEY=VALUE: a setting of our silo, to try something out.
using OrleansLog.Bench;
using OrleansLog.Bench.References;

if (args is [ReferenceServer.Verb, ..])
{
    await ReferenceServer.RunAsync(args[1..]);
    return 0;
}

var options = BenchOptions.Parse(args);
var run = new BenchRun(options);
await run.InBrokerAsync(["append", "ack", "read", "sdk", "alloc", "wirealloc"], async (row, broker) =>
{
    switch (row)
    {
        case "append":
        case "ack":
            run.Add(await AppendRows.RunAsync(broker, 16 << 10, ack: row == "ack", options.Pairs));
            run.Add(await AppendRows.RunAsync(broker, 1 << 20, ack: row == "ack", options.Pairs));
            break;
        case "read":
            run.Add(await ReadRow.RunAsync(broker, options.Pairs));
            break;
        case "sdk":
            run.Add(await SdkRows.DirectAsync(broker, options.Pairs));
            break;
        case "alloc":
            run.Add(await SdkRows.AllocatedAsync(broker));
            break;
        default:
            await run.AddAsync(WireAllocationRows.RunAsync(broker));
            break;
    }
});
await run.InSiloAsync("remote", [], async silo => run.Add(await SdkRows.RemoteAsync(silo, options.Pairs)));
await run.InSiloAsync("produce", async silo => run.Add(await new CpuRows(silo, options.Scale, options.Pairs).ProducedAsync()));
await run.InSiloAsync("consume", silo => run.AddAsync(new CpuRows(silo, options.Scale, options.Pairs).ConsumedAsync()));
await run.InSiloAsync("request", silo => run.AddAsync(new RequestRows(silo, options.Scale, options.Pairs).RunAsync()));
await run.InSiloAsync("clients", silo => run.AddAsync(new ClientRows(silo, options.Scale, options.Pairs).RunAsync()));
await run.InSiloAsync("socket", silo => run.AddAsync(new SocketRows(silo, options.Scale, options.Pairs).RunAsync()));
await run.InSiloAsync("latency", silo => run.AddAsync(new LatencyRows(silo, options.Scale, options.Pairs).RunAsync()));
await run.InSiloAsync("connections", silo => run.AddAsync(new ManyRows(silo, options.Scale).ConnectionsAsync()));
await run.InSiloAsync("groups", silo => run.AddAsync(new ManyRows(silo, options.Scale).GroupsAsync()));
await run.AloneAsync("cluster", () => run.AddAsync(new ClusterRows(options.Ours, options.Scale, options.Pairs).CopiesAsync()));
await run.AloneAsync("faults", () => run.AddAsync(new ClusterRows(options.Ours, options.Scale, options.Pairs).FaultsAsync()));
await run.AloneAsync("starts", () => run.AddAsync(new ClusterReturnRows(options.Ours, options.Scale, options.Pairs).StartAsync()));
await run.AloneAsync("catchup", () => run.AddAsync(new ClusterReturnRows(options.Ours, options.Scale, options.Pairs).CatchUpAsync()));
await run.AloneAsync("scale", () => run.AddAsync(new ClusterScaleRows(options.Ours, options.Scale).RunAsync()));
await run.AloneAsync("check", () => run.AddAsync(CheckRows.RunAsync(options.Pairs)));
await run.AloneAsync("partitions", () => run.AddAsync(new PartitionRows(options.Ours, options.Scale).RunAsync()));
await run.AloneAsync("transport", async () => run.Add(await TransportRow.RunAsync(options.Scale, options.Pairs)));
await run.AloneAsync("start", async () => run.Add(await StartRows.StartAsync(options.Ours, options.Bare, options.Pairs)));
await run.AloneAsync("memory", async () => run.Add(await StartRows.MemoryAsync(options.Ours, options.Bare)));
await run.AloneAsync("recovery", async () => run.Add(await RecoveryRow.RunAsync(options.Pairs)));
return run.Finish();
