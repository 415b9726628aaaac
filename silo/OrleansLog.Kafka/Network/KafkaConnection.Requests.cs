using System.Diagnostics;
using System.Net.Sockets;
using OrleansLog.Kafka.Diagnostics;
using OrleansLog.Kafka.Dispatch;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Network;

internal sealed partial class KafkaConnection
{
    /// <summary>Starts a request when its turn has come; false when the connection has to end, and the frame is still the caller's.</summary>
    private async ValueTask<bool> TryStartAsync(RequestFrame frame)
    {
        var pending = RequestReader.ReadHeader(frame, _services.Apis, _state, out var refusal);
        if (pending is null)
        {
            Refuse(refusal, frame);
            return false;
        }

        var mayStart = _answers.MayStartAsync(pending.Handler.MayOverlap);
        if (!mayStart.IsCompletedSuccessfully)
        {
            _isHeldUp = true;
            _state.Peer?.NextRequestCame();
            await mayStart.ConfigureAwait(false);
            _isHeldUp = false;
        }

        if (_isEnding)
            return false;

        if (RequestReader.ReadBody(pending, _services.Strings, out refusal) is not { } request)
        {
            Refuse(refusal, frame);
            return false;
        }

        await StartAsync(pending, request).ConfigureAwait(false);
        return true;
    }

    /// <summary>Keeps a request, or the end of the connection, for as long as the broker is silent.</summary>
    private async Task HoldAsync(RequestFrame? frame)
    {
        try
        {
            await _services.Gate.PassAsync().ConfigureAwait(false);
        }
        catch
        {
            frame?.Dispose();
            throw;
        }
    }

    private ValueTask StartAsync(PendingRequest pending, IMessage request)
    {
        _answers.Add(pending);
        pending.StartedAt = Stopwatch.GetTimestamp();
        var handling = pending.Handler.HandleAsync(request, pending.Context);
        pending.ReturnedAt = Stopwatch.GetTimestamp();
        if (handling.IsCompletedSuccessfully)
            return CompleteAsync(pending, handling.Result);

        // The queue owns it from here: a connection does not end before its requests have.
        _ = AwaitAsync(pending, handling);
        return ValueTask.CompletedTask;
    }

    private async Task AwaitAsync(PendingRequest pending, ValueTask<IMessage?> handling)
    {
        var response = await handling.ConfigureAwait(false);
        await CompleteAsync(pending, response).ConfigureAwait(false);
    }

    private ValueTask CompleteAsync(PendingRequest pending, IMessage? response)
    {
        pending.Response = response;
        pending.DoneAt = Stopwatch.GetTimestamp();
        return _answers.Complete(pending) ? SendReadyAsync() : ValueTask.CompletedTask;
    }

    /// <summary>Sends whatever may go, until nothing more may. Never throws: what cannot be sent ends the connection.</summary>
    private async ValueTask SendReadyAsync()
    {
        while (_answers.TakeReady(_ready))
        {
            if (!_isBroken)
                await TrySendAsync().ConfigureAwait(false);

            var closes = false;
            foreach (var request in _ready)
            {
                _services.Metrics.Answered(request);
                closes |= request.Context.ClosesConnection;
                request.Release();
            }

            _answers.Sent(_ready);
            _ready.Clear();
            if (closes)
                End();
        }
    }

    private async ValueTask TrySendAsync()
    {
        try
        {
            if (_services.Gate.IsClosed)
                await _services.Gate.PassAsync().ConfigureAwait(false);

            await _writer.WriteAsync(_ready).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            if (!IsOrdinaryEnd(error))
                _services.Logger.ConnectionFailed(_state.Remote, error);

            _isBroken = true;
            End();
        }
    }

    /// <summary>Wakes the receiving loop for good.</summary>
    private void End()
    {
        _isEnding = true;
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
        }
    }
}
