using OrleansLog.Client;

await using var log = await LogClient.ConnectAsync(args.FirstOrDefault() ?? "127.0.0.1:9092");

await using var producer = log.CreateProducer<string, string>();
foreach (var name in new[] { "Ada", "Grace", "Barbara" })
    Console.WriteLine($"stored at {(await producer.ProduceAsync("greetings", name, $"Hello, {name}!")).Offset}");

await using var consumer = log.CreateConsumer<string, string>();
await consumer.AssignTopicAsync("greetings", StartAt.Beginning);
await foreach (var record in consumer.ReadToEndAsync())
    Console.WriteLine($"{record.Offset}: {record.Key} => {record.Value}");
