using System.Reflection;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Protocol.Tests.Messages;

/// <summary>Read and Write of a declared type that is known only at run time.</summary>
internal abstract class MessageCodec
{
    public static readonly IReadOnlyList<Type> Types = [.. typeof(IMessage).Assembly.GetExportedTypes()
        .Where(type => type is { IsClass: true, IsNested: false } && typeof(IMessage).IsAssignableFrom(type)).OrderBy(type => type.Name, StringComparer.Ordinal)];

    public abstract short Lowest { get; }

    public abstract short Highest { get; }

    public static MessageCodec Of(Type type) => (MessageCodec)Activator.CreateInstance(typeof(Typed<>).MakeGenericType(type))!;

    public static MessageCodec Of(string typeName) => Of(TypeOf(typeName));

    public static Type TypeOf(string typeName) =>
        Types.SingleOrDefault(type => type.Name == typeName) ?? throw new InvalidOperationException($"No message {typeName} is declared.");

    public abstract IMessage? Read(Memory<byte> bytes, short version, out MessageFault fault, StringCache? strings = null, long memoryLimitBytes = 0);

    /// <summary>Reads a header, which has bytes behind it.</summary>
    public abstract IMessage? ReadHead(Memory<byte> bytes, short version, out int read);

    public abstract IMessage New();

    public static byte[] Write(IMessage message, short version)
    {
        using var buffer = new MessageBuffer(16);
        var writer = new MessageWriter(buffer);
        message.Write(ref writer, version);
        return buffer.ToArray();
    }

    private sealed class Typed<T> : MessageCodec
        where T : class, IMessage<T>, new()
    {
        public override short Lowest => T.LowestVersion;

        public override short Highest => T.HighestVersion;

        public override IMessage New() => new T();

        public override IMessage? ReadHead(Memory<byte> bytes, short version, out int read)
        {
            var reader = new MessageReader(bytes);
            T? message = T.Read(ref reader, version);
            read = reader.Position;
            return message;
        }

        public override IMessage? Read(Memory<byte> bytes, short version, out MessageFault fault, StringCache? strings, long memoryLimitBytes)
        {
            var reader = new MessageReader(bytes, strings, memoryLimitBytes);
            T? message = T.Read(ref reader, version);
            fault = reader.Fault;
            if (fault == MessageFault.None && reader.Remaining > 0) fault = MessageFault.TrailingBytes;
            Assert.Equal(fault == MessageFault.None || reader.Remaining > 0, message is not null);
            return message;
        }
    }
}
