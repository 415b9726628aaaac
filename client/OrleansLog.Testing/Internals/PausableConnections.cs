using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using OrleansLog.Kafka.Network;

namespace OrleansLog.Testing.Internals;

/// <summary>Orleans' connections of a silo to others: while it is paused they stay, and nothing goes or comes.</summary>
internal static class PausableConnections
{
    /// <summary>Takes its place in the connections that a builder makes.</summary>
    public static void Add(IConnectionBuilder builder, TrafficGate gate) => builder.Use(next => connection =>
    {
        connection.Transport = new Ends(new Receiving(connection.Transport.Input, gate), new Sending(connection.Transport.Output, gate));
        return next(connection);
    });

    private sealed record Ends(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private sealed class Receiving(PipeReader reader, TrafficGate gate) : PipeReader
    {
        public override bool TryRead(out ReadResult result)
        {
            result = default;
            return !gate.IsClosed && reader.TryRead(out result);
        }

        public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            var result = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            await gate.PassAsync().ConfigureAwait(false);
            return result;
        }

        public override void AdvanceTo(SequencePosition consumed) => reader.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => reader.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => reader.CancelPendingRead();

        public override void Complete(Exception? exception = null) => reader.Complete(exception);
    }

    private sealed class Sending(PipeWriter writer, TrafficGate gate) : PipeWriter
    {
        public override bool CanGetUnflushedBytes => writer.CanGetUnflushedBytes;

        public override long UnflushedBytes => writer.UnflushedBytes;

        public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            await gate.PassAsync().ConfigureAwait(false);
            return await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        public override void Advance(int bytes) => writer.Advance(bytes);

        public override Memory<byte> GetMemory(int sizeHint = 0) => writer.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => writer.GetSpan(sizeHint);

        public override void CancelPendingFlush() => writer.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => writer.Complete(exception);
    }
}
