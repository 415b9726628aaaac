using System.Net;
using System.Net.Sockets;
using OrleansLog.Kafka.Diagnostics;
using OrleansLog.Kafka.Dispatch;
using OrleansLog.Kafka.Network.Sockets;

namespace OrleansLog.Kafka.Network;

/// <summary>
/// One client's connection. A loop receives and starts requests; whichever thread has the oldest answer sends. Requests to
/// produce overlap; every other one starts when all before it are answered. What a client does not read holds its next request up.
/// </summary>
internal sealed partial class KafkaConnection : IDisposable
{
    private readonly ClientSocket _socket;
    private readonly ConnectionSettings _settings;
    private readonly ListenerServices _services;
    private readonly ConnectionActivity _activity;
    private readonly FrameReader _frames;
    private readonly AnswerWriter _writer;
    private readonly AnswerQueue _answers;
    private readonly ConnectionState _state;
    private readonly List<PendingRequest> _ready = [];
    private readonly CancellationTokenSource _aborted = new();
    private readonly CancellationTokenSource _stopped = new();
    private Task _endingWaits = Task.CompletedTask;
    private volatile bool _isHeldUp;
    private volatile bool _isEnding;
    private volatile bool _isBroken;

    public KafkaConnection(ClientSocket socket, string listenerName, ConnectionSettings settings, ListenerServices services)
    {
        _socket = socket;
        _settings = settings;
        _services = services;
        _activity = new ConnectionActivity(services.Time);
        _frames = new FrameReader(socket, services.Memory, settings, _activity);
        _writer = new AnswerWriter(socket, _activity);
        _answers = new AnswerQueue(settings);
        _state = new ConnectionState
        {
            ListenerName = listenerName,
            Remote = socket.Remote ?? new IPEndPoint(IPAddress.None, 0),
            Local = (IPEndPoint)socket.Local!,
            Aborted = _aborted.Token,
            Logger = services.Logger,
        };
    }

    /// <summary>The client's address.</summary>
    public IPAddress Address => (_state.Remote as IPEndPoint)?.Address ?? IPAddress.None;

    /// <summary>Serves the connection until either side ends it. Never throws.</summary>
    public async Task RunAsync()
    {
        try
        {
            await ReceiveAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (IsOrdinaryEnd(error))
        {
        }
        catch (Exception error)
        {
            _services.Logger.ConnectionFailed(_state.Remote, error);
        }

        _isEnding = true;
        await _aborted.CancelAsync().ConfigureAwait(false);
        await _answers.DrainedAsync().ConfigureAwait(false);
        await _endingWaits.ConfigureAwait(false);
        _state.Peer?.Dispose();
        Dispose();
    }

    /// <summary>Starts nothing more, ends waits, answers what is in work, and closes.</summary>
    public void BeginStop()
    {
        _isEnding = true;
        try
        {
            _stopped.Cancel();
            _aborted.Cancel();
            _socket.Shutdown(SocketShutdown.Receive);
        }
        catch (Exception error) when (IsOrdinaryEnd(error))
        {
        }
        catch (AggregateException error)
        {
            // What waited for the end of the connection failed at it.
            _services.Logger.ConnectionFailed(_state.Remote, error);
        }
    }

    /// <summary>Cuts the connection now.</summary>
    public void Abort()
    {
        _isEnding = true;
        _isBroken = true;
        _socket.Dispose();
        if (!_stopped.IsCancellationRequested)
            _endingWaits = EndWaitsAsync(isStopped: true);
    }

    /// <summary>Cuts a connection on which nothing has moved for too long.</summary>
    public void AbortIfIdle()
    {
        var isMidRequest = _activity.MidRequest;
        var quiet = isMidRequest ? _activity.Stalled : _activity.Quiet;
        if (isMidRequest ? quiet > _settings.StallMax : quiet > _settings.IdleMax && !_answers.IsInWork)
        {
            _services.Logger.ConnectionIdle(_state.Remote, quiet);
            Abort();
        }
    }

    /// <summary>
    /// Ends the waits of a client that is gone where a further request lies behind them: the loop does not read on then, and would not see the end.
    /// What the client has sent is still served, though it waits for nothing.
    /// </summary>
    public void EndWaitsIfPeerLeft()
    {
        if (_isHeldUp && !_aborted.IsCancellationRequested && _socket.HasPeerLeft)
            _endingWaits = EndWaitsAsync(isStopped: false);
    }

    /// <summary>
    /// Memory that large requests hold while the client does nothing to have it given back: it sends the rest too slowly, asked for a wait, or does not
    /// read its answers, all the time since the last look; else 0. The first look tells nothing.
    /// </summary>
    public long IdlyHeldBytes(double leastBytes)
    {
        var isSlow = _activity.IsSlow(leastBytes);
        var standsStill = _answers.StandsStill();
        return standsStill || (isSlow && !HasUnreadBytes()) ? _activity.HeldBytes : 0;
    }

    /// <summary>Cuts the connection, so that others have the memory that it holds.</summary>
    public void AbortForMemory(long heldBytes)
    {
        _services.Metrics.CutForMemory();
        if (_services.Complaints.TryPass(out var others))
            _services.Logger.CutForMemory(_state.Remote, RequestNames.OfClient(_state.ClientId), heldBytes, others);

        Abort();
    }

    public void Dispose()
    {
        _socket.Dispose();
        _frames.Dispose();
        _aborted.Dispose();
        _stopped.Dispose();
    }

    private async Task EndWaitsAsync(bool isStopped)
    {
        try
        {
            if (isStopped)
                await _stopped.CancelAsync().ConfigureAwait(false);

            await _aborted.CancelAsync().ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // It ended meanwhile.
        }
        catch (AggregateException error)
        {
            _services.Logger.ConnectionFailed(_state.Remote, error);
        }
    }

    private async Task ReceiveAsync()
    {
        while (!_isEnding)
        {
            var frame = await _frames.ReadAsync(!_answers.IsStreaming, _stopped.Token).ConfigureAwait(false);
            if (_services.Gate.IsClosed)
                await HoldAsync(frame).ConfigureAwait(false);

            if (frame is null)
            {
                await EndAsync().ConfigureAwait(false);
                return;
            }

            if (_isEnding || !await TryStartAsync(frame).ConfigureAwait(false))
            {
                frame.Dispose();
                return;
            }
        }
    }

    /// <summary>The reader stopped: the peer closed, or does not speak Kafka.</summary>
    private async ValueTask EndAsync()
    {
        if (_frames.RefusedLength is { } length)
            Refuse($"it declares {length} bytes, socket.request.max.bytes is {_settings.RequestMaxBytes}", frame: null);

        if (_frames.Greeting == Greeting.Kafka)
            return;

        if (_services.Complaints.TryPass(out var others))
            _services.Logger.ForeignProtocol(_state.Remote, _state.ListenerName, Greetings.NameOf(_frames.Greeting), others);

        if (_frames.Greeting == Greeting.Http)
            await Greetings.AnswerHttpAsync(_socket, _services.Time).ConfigureAwait(false);
    }

    /// <summary>True when it is the broker that does not read on.</summary>
    private bool HasUnreadBytes()
    {
        try
        {
            return _socket.Available > 0;
        }
        catch (Exception error) when (IsOrdinaryEnd(error))
        {
            return true;
        }
    }

    /// <summary>Says why the connection ends.</summary>
    /// <param name="reason">What is wrong with the request.</param>
    /// <param name="frame">The request, where it was read.</param>
    private void Refuse(string reason, RequestFrame? frame)
    {
        if (!_services.Complaints.TryPass(out var others))
            return;

        var request = frame is null ? RequestNames.OfClient(_state.ClientId) : RequestNames.Of(frame.Bytes.Span, _services.Apis);
        _services.Logger.RequestRefused(_state.Remote, request, reason, others);
    }

    private static bool IsOrdinaryEnd(Exception error) => error is SocketException or ObjectDisposedException or OperationCanceledException;
}
