using OrleansLog.Cli;

using var io = CliIo.OfProcess();
using var signals = new Signals();
return await new OlogApp(io).RunAsync(args, () => signals.ExitCode, signals.Token);
