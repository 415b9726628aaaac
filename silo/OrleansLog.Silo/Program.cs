using OrleansLog.Silo;

SocketCompletions.RunInline();
return await SiloApp.RunAsync(args, Console.Out, Console.Error);
