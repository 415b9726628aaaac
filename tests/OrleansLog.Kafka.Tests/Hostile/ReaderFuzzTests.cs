using System.Reflection;
using OrleansLog.Core.Groups.Assignors;
using OrleansLog.Kafka.Tests.Golden;
using OrleansLog.Protocol.Messages;
using OrleansLog.Protocol.Records;
using Xunit.Abstractions;

namespace OrleansLog.Kafka.Tests.Hostile;

/// <summary>Everything that reads foreign bytes, without a socket: nothing throws, nothing grows (faults 15 and 16).</summary>
[Trait("Category", "Fuzz")]
public class ReaderFuzzTests(ITestOutputHelper output)
{
    /// <summary>What a reader may allocate beside twice its bytes: <see cref="MessageReader.DefaultExtraMemoryBytes"/>, estimated, and some.</summary>
    private const long MostAllocated = 2 * MessageReader.DefaultExtraMemoryBytes;

    private const int MostUnpacked = 1024 * 1024;

    private static readonly Reader[] Readers =
        [.. typeof(IMessage).Assembly.GetTypes().Where(IsMessage).Select(ReaderOf)];

    private static readonly byte[][] Batches = [.. Mutator.Corpus.Where(static one => one.Key == ApiKey.Produce).SelectMany(BatchesOf)];

    [Fact]
    public void Every_declared_reader_takes_any_bytes()
    {
        var run = new FuzzRun();
        var read = 0;
        foreach (var seed in run.Seeds())
        {
            var random = new Random(seed);
            var (reader, bytes, version) = random.Next(2) == 0 ? AnyCase(random) : OwnCase(random);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                read += reader.Read(bytes, version) ? 1 : 0;
                MemberSubscription.TryRead("member", null, bytes);
                ConsumerAssignment.TryRead(bytes);
                ReadAsBatch(random);
            }
            catch (Exception error)
            {
                Assert.Fail($"seed {seed}, {reader.Name} v{version}: {error}");
            }

            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < (4L * bytes.Length) + MostAllocated, $"seed {seed}, {reader.Name} v{version}: {bytes.Length} bytes made {allocated}");
        }

        output.WriteLine($"{run.Cases} cases over {Readers.Length} readers in {run.Elapsed}, {read} of them were messages all the same");
    }

    /// <summary>A reader, and bytes that were never meant for it.</summary>
    private static (Reader Reader, byte[] Bytes, short Version) AnyCase(Random random)
    {
        var reader = Readers[random.Next(Readers.Length)];
        return (reader, Bytes(random), (short)random.Next(reader.Lowest, reader.Highest + 1));
    }

    /// <summary>A reader, and a broken message of its own.</summary>
    private static (Reader Reader, byte[] Bytes, short Version) OwnCase(Random random)
    {
        var sent = Mutator.Corpus[random.Next(Mutator.Corpus.Count)];
        var header = new MessageReader(sent.Request);
        RequestHeaderData.Read(ref header, ApiCatalog.RequestHeaderVersion(sent.Key, sent.Version));
        return Array.Find(Readers, reader => reader.Name == sent.Api + "RequestData") is { } own
            ? (own, Mutator.Break(header.Rest.ToArray(), 0, random), sent.Version)
            : AnyCase(random);
    }

    private static byte[] Bytes(Random random)
    {
        if (random.Next(8) != 0)
        {
            var request = Mutator.Corpus[random.Next(Mutator.Corpus.Count)].Request;
            return Mutator.Break(request[Math.Min(request.Length, random.Next(8, 24))..], 0, random);
        }

        var bytes = new byte[random.Next(512)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static void ReadAsBatch(Random random)
    {
        var batch = Mutator.Break(Batches[random.Next(Batches.Length)].ToArray(), 0, random);
        RecordBatchValidator.Validate(batch, new BatchRules { MaxDecompressedBytes = MostUnpacked });
        using var records = BatchRecords.Open(batch, new BatchOpenOptions { MaxDecompressedBytes = MostUnpacked, CheckCrc = false }, out _);
        if (records is null)
            return;

        foreach (var record in records)
        {
            foreach (var header in record.Headers)
                Assert.InRange(header.Value.Length, 0, batch.Length + MostUnpacked);
        }
    }

    private static IEnumerable<byte[]> BatchesOf(RecordedExchange exchange) =>
        ((ProduceRequestData)exchange.ReadRequest()).TopicData.SelectMany(static topic => topic.PartitionData)
            .Where(static partition => partition.Records is not null).Select(static partition => partition.Records!.Value.ToArray());

    private static bool IsMessage(Type type) => type is { IsClass: true, IsAbstract: false }
        && type.GetInterfaces().Any(one => one.IsGenericType && one.GetGenericTypeDefinition() == typeof(IMessage<>) && one.GenericTypeArguments[0] == type);

    private static Reader ReaderOf(Type type)
    {
        var make = typeof(ReaderFuzzTests).GetMethod(nameof(MakeReader), BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(type);
        return (Reader)make.Invoke(null, null)!;
    }

    private static Reader MakeReader<T>()
        where T : class, IMessage<T> => new(typeof(T).Name, Read<T>, T.LowestVersion, T.HighestVersion);

    private static bool Read<T>(byte[] bytes, short version)
        where T : class, IMessage<T>
    {
        var reader = new MessageReader(bytes);
        return T.Read(ref reader, version) is not null;
    }

    private sealed record Reader(string Name, Func<byte[], short, bool> Read, short Lowest, short Highest);
}
