using System.Buffers.Binary;
using System.Net.Sockets;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Client;

internal sealed partial class KafkaConnection
{
    private const int SizeBytes = sizeof(int);
    private const int CorrelationBytes = sizeof(int);
    private const int SmallBytes = 8 * 1024;

    // Small answers come through a buffer; of a large one its beginning, and the rest goes straight to where it stays.
    private readonly byte[] _small = GC.AllocateUninitializedArray<byte>(SmallBytes);

    private async Task ReadAsync()
    {
        try
        {
            var start = 0;
            var end = 0;
            while (true)
            {
                while (end - start < SizeBytes + CorrelationBytes)
                {
                    if (start > 0)
                    {
                        _small.AsSpan(start, end - start).CopyTo(_small);
                        (start, end) = (0, end - start);
                    }

                    var count = await _socket.ReceiveAsync(_small.AsMemory(end), SocketFlags.None).ConfigureAwait(false);
                    if (count == 0)
                    {
                        Close(Ended(end - start > 0));
                        return;
                    }

                    end += count;
                }

                var size = BinaryPrimitives.ReadInt32BigEndian(_small.AsSpan(start));
                if (Refusal(size, start) is { } refusal || (refusal = Find(BinaryPrimitives.ReadInt32BigEndian(_small.AsSpan(start + SizeBytes)), out var call)) is not null)
                {
                    Close(refusal);
                    return;
                }

                start += SizeBytes;
                var frame = call!.UsesPooledFrame ? _environment.Frames.Rent(size) : FramePool.Unpooled(size);
                var have = Math.Min(size, end - start);
                _small.AsSpan(start, have).CopyTo(frame.Memory.Span);
                start += have;
                while (have < size)
                {
                    var count = await _socket.ReceiveAsync(frame.Memory[have..], SocketFlags.None).ConfigureAwait(false);
                    if (count == 0)
                    {
                        frame.Dispose();
                        Close(Ended(isInside: true));
                        return;
                    }

                    have += count;
                }

                if (!Complete(call, frame))
                    return;
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            Close(KafkaFailure.Network($"The connection to the broker at {Address} broke: {error.Message}"));
        }
        catch (Exception error)
        {
            Close(new KafkaFailure(ErrorCode.UnknownServerError, $"An answer of the broker at {Address} could not be taken in: {error.Message}"));
        }
    }

    private KafkaFailure Ended(bool isInside) => _versions.Count == 0
        ? KafkaFailure.Network($"{Address} closed the connection without an answer to ApiVersions: is that the Kafka port of a broker?")
        : KafkaFailure.Network($"The broker at {Address} closed the connection{(isInside ? " in the middle of an answer" : "")}.");

    // What is wrong with the size of an answer, or null.
    private KafkaFailure? Refusal(int size, int start)
    {
        if (size >= CorrelationBytes && size <= _environment.Options.ReceiveMaxBytes)
            return null;
        var first = _small.AsSpan(start, SizeBytes);
        if (first.SequenceEqual("HTTP"u8))
            return KafkaFailure.NotABroker($"{Address} answers with HTTP: it is not the Kafka port of a broker.");
        if (first is [0x15 or 0x16, 0x03, ..])
            return KafkaFailure.NotABroker($"{Address} answers with TLS: this client speaks plaintext.");
        return _versions.Count == 0
            ? KafkaFailure.NotABroker($"{Address} does not answer as a Kafka broker does.")
            : KafkaFailure.Network($"The broker at {Address} announces an answer of {size:N0} bytes; {nameof(LogClientOptions.ReceiveMaxBytes)} is {_environment.Options.ReceiveMaxBytes:N0}.");
    }

    // The oldest call, if the answer is its.
    private KafkaFailure? Find(int correlationId, out KafkaCall? call)
    {
        lock (_gate)
        {
            if (_pending.TryPeek(out call) && call.CorrelationId == correlationId && correlationId <= _writtenThrough)
                return null;
        }

        return _versions.Count == 0
            ? KafkaFailure.NotABroker($"{Address} does not answer as a Kafka broker does.")
            : KafkaFailure.Network($"The broker at {Address} sent an answer that was not asked for, or out of order.");
    }

    private bool Complete(KafkaCall call, Frame frame)
    {
        lock (_gate)
        {
            if (_isDrained || !_pending.TryPeek(out var first) || first != call)
            {
                frame.Dispose();
                return false;
            }

            // From here on the call is this thread's to end, also if the connection closes at this moment.
            _pending.Dequeue();
            NoteIdle();
        }

        var reader = new MessageReader(frame.Memory, _environment.Strings);
        _ = ResponseHeaderData.Read(ref reader, ApiCatalog.ResponseHeaderVersion(call.ApiKey, call.Version));
        var fault = reader.Fault;
        if (fault == MessageFault.None)
            fault = call.Complete(frame, ref reader);
        else
            frame.Dispose();
        if (fault == MessageFault.None)
            return true;
        var why = KafkaFailure.Network($"The answer of the broker at {Address} to {call.ApiKey} is malformed: {fault.Describe()}");
        Close(why);
        call.Fail(why);
        return false;
    }
}
