using System.Buffers;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Replication;

/// <summary>Reads a message of one version.</summary>
internal delegate T? MessageRead<out T>(ref MessageReader reader, short version)
    where T : class;

/// <summary>An answer of another broker in pooled memory; what is read from it lies in that.</summary>
internal readonly struct PeerAnswer(byte[] array, int length) : IDisposable
{
    /// <summary>Reads it.</summary>
    /// <exception cref="PeerException">The bytes are no such answer.</exception>
    public T Read<T>(MessageRead<T> read, ApiKey api, short version)
        where T : class
    {
        var reader = new MessageReader(array.AsMemory(0, length));
        ResponseHeaderData.Read(ref reader, ApiCatalog.ResponseHeaderVersion(api, version));
        return (reader.Failed ? null : read(ref reader, version)) ?? throw new PeerException($"an answer to {api} that cannot be read: {reader.Fault.Describe()}");
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(array);
}
