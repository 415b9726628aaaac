using CsCheck;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Protocol.Tests.Messages;

/// <summary>Rules that hold for every declared type at every version, on random values and on bytes that are not what they say.</summary>
public class MessagePropertyTests
{
    private const long MemoryLimitBytes = 256 * 1024;

    /// <summary>What a test may allocate beside the message: the lists' own rounding, exceptions that would be a failure anyway.</summary>
    private const long SlackBytes = 64 * 1024;

    public static TheoryData<string> TypeNames => [.. MessageCodec.Types.Select(type => type.Name)];

    [Theory]
    [MemberData(nameof(TypeNames))]
    public void A_message_that_was_written_reads_as_one_that_writes_the_same_bytes(string typeName) =>
        ForAll(typeName, (codec, version, random) =>
        {
            byte[] bytes = MessageCodec.Write(random.Fill(codec.New()), version);
            IMessage? message = codec.Read(bytes, version, out MessageFault fault);
            Assert.Equal(MessageFault.None, fault);
            Assert.Equal(Convert.ToHexString(bytes), Convert.ToHexString(MessageCodec.Write(message!, version)));
        });

    [Theory]
    [MemberData(nameof(TypeNames))]
    public void A_message_that_is_cut_short_or_goes_on_is_a_fault(string typeName) =>
        ForAll(typeName, (codec, version, random) =>
        {
            byte[] bytes = MessageCodec.Write(random.Fill(codec.New()), version);
            if (bytes.Length == 0) return;
            Assert.Null(codec.Read(bytes.AsMemory(0, random.Next(bytes.Length)), version, out MessageFault cut));
            Assert.NotEqual(MessageFault.None, cut);
            _ = codec.Read((byte[])[.. bytes, 0], version, out MessageFault longer);
            Assert.Equal(MessageFault.TrailingBytes, longer);
        });

    [Theory]
    [MemberData(nameof(TypeNames))]
    public void Mutated_bytes_give_a_message_or_a_fault_within_the_memory_limit(string typeName) =>
        ForAll(typeName, (codec, version, random) =>
        {
            byte[] bytes = MessageCodec.Write(random.Fill(codec.New()), version);
            if (bytes.Length == 0) return;
            for (int i = 0; i < 20; i++)
            {
                byte[] mutated = [.. bytes];
                for (int flips = 1 + random.Next(4); flips > 0; flips--) Mutate(mutated, random);
                ReadsWithinTheLimit(codec, mutated, version);
            }
        });

    [Theory]
    [MemberData(nameof(TypeNames))]
    public void Random_bytes_give_a_message_or_a_fault_within_the_memory_limit(string typeName) =>
        ForAll(typeName, (codec, version, random) =>
        {
            for (int i = 0; i < 20; i++) ReadsWithinTheLimit(codec, random.Bytes(random.Next(300)), version);
            byte[] sparse = new byte[random.Next(5000)]; // mostly zero and one: empty elements without end
            for (int i = 0; i < sparse.Length; i++) sparse[i] = (byte)(random.Next(50) == 0 ? random.Next(256) : random.Next(2));
            ReadsWithinTheLimit(codec, sparse, version);
        });

    [Theory]
    [MemberData(nameof(TypeNames))]
    public void A_version_that_is_not_declared_is_a_fault(string typeName)
    {
        MessageCodec codec = MessageCodec.Of(typeName);
        foreach (short version in (short[])[(short)(codec.Lowest - 1), (short)(codec.Highest + 1), short.MaxValue, short.MinValue])
        {
            Assert.Null(codec.Read(new byte[64], version, out MessageFault fault));
            Assert.Equal(MessageFault.UnsupportedVersion, fault);
            Assert.Throws<ArgumentOutOfRangeException>(() => MessageCodec.Write(codec.New(), version));
        }
    }

    private static void ForAll(string typeName, Action<MessageCodec, short, RandomMessages> check)
    {
        MessageCodec codec = MessageCodec.Of(typeName);
        Gen.Select(Gen.Int, Gen.Short[codec.Lowest, codec.Highest])
            .Sample((seed, version) => check(codec, version, new RandomMessages(seed)), iter: 100, threads: 1);
    }

    private static void Mutate(byte[] bytes, RandomMessages random)
    {
        byte[] nasty = [0x00, 0x01, 0x7F, 0x80, 0xFF];
        bytes[random.Next(bytes.Length)] = random.Next(2) == 0 ? nasty[random.Next(nasty.Length)] : (byte)random.Next(256);
    }

    private static void ReadsWithinTheLimit(MessageCodec codec, byte[] bytes, short version)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        _ = codec.Read(bytes, version, out _, strings: null, MemoryLimitBytes);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MemoryLimitBytes + SlackBytes);
    }
}
