using System.Buffers.Binary;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Core.Groups;

/// <summary>Messages outside of requests: an int16, a version or a type, goes before the fields.</summary>
internal static class VersionedBytes
{
    private const int PrefixBytes = sizeof(short);

    /// <summary>The prefix and the fields at <paramref name="version"/>.</summary>
    public static byte[] Write<T>(short prefix, T message, short version)
        where T : class, IMessage<T>
    {
        using var buffer = new MessageBuffer();
        var writer = new MessageWriter(buffer);
        writer.WriteInt16(prefix);
        message.Write(ref writer, version);
        return buffer.ToArray();
    }

    /// <summary>The int16 in front, or -1 where there is none.</summary>
    public static short Prefix(ReadOnlySpan<byte> bytes) => bytes.Length < PrefixBytes ? (short)-1 : BinaryPrimitives.ReadInt16BigEndian(bytes);

    /// <summary>The fields behind the prefix, which is taken as the version; null when the bytes are not that. Slices lie in a copy of the bytes.</summary>
    public static T? Read<T>(ReadOnlySpan<byte> bytes)
        where T : class, IMessage<T>
    {
        var version = Prefix(bytes);
        return version >= T.LowestVersion && version <= T.HighestVersion ? Read<T>(bytes, version) : null;
    }

    /// <summary>The fields behind the prefix at a version that the caller knows.</summary>
    public static T? Read<T>(ReadOnlySpan<byte> bytes, short version)
        where T : class, IMessage<T>
    {
        if (bytes.Length < PrefixBytes)
            return null;

        var reader = new MessageReader(bytes[PrefixBytes..].ToArray());
        var message = T.Read(ref reader, version);
        return reader.Failed ? null : message;
    }
}
