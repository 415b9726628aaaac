using OrleansLog.Bench;
Console.WriteLine(ConfluentReference.Produce(1_000_000, 100, 4));
Console.WriteLine(ConfluentReference.Produce(2_000_000, 100, 4));
Console.WriteLine(ConfluentReference.Produce(2_000_000, 100, 4));
return 0;
