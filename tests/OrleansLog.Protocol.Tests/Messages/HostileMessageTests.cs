using OrleansLog.Protocol.Messages;

namespace OrleansLog.Protocol.Tests.Messages;

/// <summary>Lies that an attacker would try first, one by one, with the fault that each has to get (S12).</summary>
public class HostileMessageTests
{
    [Theory]
    [InlineData("7fffffff", MessageFault.CountTooLarge)]
    [InlineData("fffffffe", MessageFault.NegativeLength)]
    [InlineData("80000000", MessageFault.NegativeLength)]
    [InlineData("ffffffff", MessageFault.NullNotAllowed)]
    [InlineData("000000", MessageFault.Truncated)]
    public void A_count_that_lies_is_a_fault(string hex, MessageFault expected) => Assert.Equal(expected, Read<MetadataRequestData>(hex, 0));

    [Theory]
    [InlineData("ffffffff0f", MessageFault.NegativeLength)]
    [InlineData("8080808010", MessageFault.VarintTooLong)]
    [InlineData("ffffffffffffffffffff", MessageFault.VarintTooLong)]
    [InlineData("ffffffff07", MessageFault.CountTooLarge)]
    [InlineData("ff", MessageFault.Truncated)]
    [InlineData("", MessageFault.Truncated)]
    public void A_compact_count_that_lies_is_a_fault(string hex, MessageFault expected) => Assert.Equal(expected, Read<MetadataRequestData>(hex, 9));

    [Theory]
    [InlineData("000000010002c328", MessageFault.InvalidUtf8)] // a start byte without its second
    [InlineData("000000010003eda080", MessageFault.InvalidUtf8)] // half of a surrogate pair
    [InlineData("000000010001ff", MessageFault.InvalidUtf8)]
    [InlineData("00000001fffe0000", MessageFault.NegativeLength)]
    [InlineData("00000001ffff0000", MessageFault.NullNotAllowed)]
    [InlineData("000000010003616263ff", MessageFault.TrailingBytes)]
    [InlineData("0000000100046162", MessageFault.Truncated)]
    public void A_string_that_lies_is_a_fault(string hex, MessageFault expected) => Assert.Equal(expected, Read<MetadataRequestData>(hex, 0));

    [Theory]
    [InlineData("00 01 05 01 aa", MessageFault.None)]
    [InlineData("00 02 05 00 05 00", MessageFault.TagOutOfOrder)]
    [InlineData("00 02 05 00 04 00", MessageFault.TagOutOfOrder)]
    [InlineData("00 01 ffffffff0f 00", MessageFault.TagOutOfOrder)]
    [InlineData("00 01 05 02 aa", MessageFault.Truncated)]
    [InlineData("00 01 05 ffffffff0f", MessageFault.Truncated)]
    [InlineData("00 ffffffff0f 05 00", MessageFault.CountTooLarge)]
    [InlineData("00 00 00", MessageFault.TrailingBytes)]
    public void Tagged_fields_that_lie_are_a_fault(string hex, MessageFault expected)
    {
        // A heartbeat: group "", generation 0, member "", no instance id; its tagged fields follow.
        Assert.Equal(expected, Read<HeartbeatRequestData>("01 00000000 01 " + hex, 4));
    }

    [Theory]
    [InlineData("03 01 01", MessageFault.None)]
    [InlineData("03 02 01 00", MessageFault.TagLengthMismatch)] // a bool in two bytes
    [InlineData("01 07 0000000000000000", MessageFault.TagLengthMismatch)]
    [InlineData("01 09 0000000000000000 00", MessageFault.TagLengthMismatch)]
    [InlineData("02 06 02 02 61 0001 00", MessageFault.CountTooLarge)] // a feature has at least 6 bytes
    public void A_declared_tagged_field_that_is_not_as_long_as_it_says_is_a_fault(string hex, MessageFault expected)
    {
        // No error, no APIs, no throttling, one tagged field.
        Assert.Equal(expected, Read<ApiVersionsResponseData>("0000 01 00000000 01 " + hex, 3));
    }

    [Fact]
    public void Twenty_million_tagged_fields_are_bounded_by_the_memory_limit()
    {
        byte[] frame = new byte[20_000_000 * 5];
        byte[] head = [1, 0, 0, 0, 0, 1, 0]; // a heartbeat without a word in it
        head.CopyTo(frame, 0);
        int at = head.Length + Varint.WriteUnsigned(frame.AsSpan(head.Length), 20_000_000);
        for (uint tag = 0; tag < 20_000_000; tag++) at += Varint.WriteUnsigned(frame.AsSpan(at), tag) + 1;
        (MessageFault fault, long allocated) = Measure<HeartbeatRequestData>(frame[..at], 4);
        Assert.Equal(MessageFault.TooMuchMemory, fault);
        Assert.InRange(allocated, 0, (2L * at) + MessageReader.DefaultExtraMemoryBytes);
    }

    [Fact]
    public void An_array_of_elements_of_two_bytes_is_bounded_by_the_memory_limit()
    {
        byte[] frame = new byte[40 << 20]; // each topic: an empty name, no tagged fields
        uint count = (uint)(frame.Length - 16) / 2;
        int at = Varint.WriteUnsigned(frame, count + 1);
        for (; at + 1 < frame.Length; at += 2) frame[at] = 1;
        (MessageFault fault, long allocated) = Measure<MetadataRequestData>(frame, 9);
        Assert.Equal(MessageFault.TooMuchMemory, fault);
        Assert.InRange(allocated, 0, Limit(frame));
    }

    [Fact]
    public void Strings_that_push_each_other_out_of_the_cache_count_as_memory()
    {
        byte[] frame = new byte[16 << 20]; // group ids of one letter, each unlike the one before
        uint count = (uint)(frame.Length - 16) / 2;
        int at = Varint.WriteUnsigned(frame, count + 1);
        for (int i = 0; at + 1 < frame.Length; at += 2) (frame[at], frame[at + 1]) = (2, (byte)('a' + (i++ % 26)));
        (MessageFault fault, long allocated) = Measure<DescribeGroupsRequestData>(frame, 5, new StringCache(1));
        Assert.Equal(MessageFault.TooMuchMemory, fault);
        Assert.InRange(allocated, 0, Limit(frame));
    }

    [Fact]
    public void What_is_left_to_read_after_a_fault_is_nothing()
    {
        var reader = new MessageReader(new byte[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 });
        Assert.Equal(1, reader.ReadInt8());
        reader.Fail(MessageFault.TagOutOfOrder);
        Assert.Equal(0, reader.ReadInt64());
        Assert.Equal("", reader.ReadString(flexible: true));
        Assert.Null(reader.ReadNullableBytes(flexible: false));
        Assert.Equal(0, reader.ReadCount(flexible: true, nullable: true, 1, 8));
        Assert.Equal(0, reader.ReadTagCount());
        Assert.Equal(MessageFault.TagOutOfOrder, reader.Fault);
        Assert.Equal(0, reader.Remaining);
    }

    [Fact]
    public void Every_fault_has_a_sentence_of_its_own()
    {
        string[] sentences = [.. Enum.GetValues<MessageFault>().Select(fault => fault.Describe())];
        Assert.Equal(sentences.Length, sentences.Distinct().Count());
        Assert.DoesNotContain(((MessageFault)999).Describe(), sentences);
    }

    private static MessageFault Read<T>(string hex, short version)
        where T : class, IMessage<T> => Measure<T>(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), version).Fault;

    private static (MessageFault Fault, long Allocated) Measure<T>(byte[] frame, short version, StringCache? strings = null)
        where T : class, IMessage<T>
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        var reader = new MessageReader(frame, strings);
        T? message = T.Read(ref reader, version);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(message is null, reader.Failed);
        return (reader.Fault, allocated);
    }

    /// <summary>What may be allocated; the 1 KiB is for the message itself.</summary>
    private static long Limit(byte[] frame) => (2L * frame.Length) + MessageReader.DefaultExtraMemoryBytes + 1024;

    [Fact]
    public void A_broker_passes_over_what_librdkafka_sends_behind_its_metadata_request()
    {
        // As librdkafka 2.15.1 sends it for all topics, seen on the wire: the body and three bytes more.
        var reader = new MessageReader(Convert.FromHexString("00000000010000")) { IgnoresTrailingBytes = true };

        var request = MetadataRequestData.Read(ref reader, 13);

        Assert.Equal(MessageFault.None, reader.Fault);
        Assert.NotNull(request);
        Assert.Null(request.Topics);
    }
}
