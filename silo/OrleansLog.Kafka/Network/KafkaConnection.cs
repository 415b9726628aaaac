using System.Net;
using System.Net.Sockets;
using OrleansLog.Kafka.Diagnostics;
using OrleansLog.Kafka.Dispatch;

namespace OrleansLog.Kafka.Network;

/// <summary>
/// One client's connection. A loop receives and starts requests; whichever thread has the oldest answer sends. Requests to
/// produce overlap; every other one starts when all before it are answered. What a client does not read holds its next request up.
/// </summary>
internal sealed partial class KafkaConnection : IDisposable
{
    private readonly Socket _socket;
    private readonly ConnectionSettings _settings;
    private readonly ListenerServices _services;
    private readonly ConnectionActivity _activity;
    private readonly FrameReader _frames;
    private readonly AnswerWriter _writer;
    private readonly AnswerQueue _answers;
    private readonly ConnectionState _state;
    private readonly List<PendingRequest> _ready = [];
    private readonly CancellationTokenSource _aborted = new();
    private volatile bool _isEnding;
    private volatile bool _isBroken;

    public KafkaConnection(Socket socket, string listenerName, ConnectionSettings settings, ListenerServices services)
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
            Remote = socket.RemoteEndPoint ?? new IPEndPoint(IPAddress.None, 0),
            Local = (IPEndPoint)socket.LocalEndPoint!,
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
        Dispose();
    }

    /// <summary>Starts nothing more, ends waits, answers what is in work, and closes.</summary>
    public void BeginStop()
    {
        _isEnding = true;
        try
        {
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

    public void Dispose()
    {
        _socket.Dispose();
        _frames.Dispose();
        _writer.Dispose();
        _aborted.Dispose();
    }

    private async Task ReceiveAsync()
    {
        while (!_isEnding)
        {
            var frame = await _frames.ReadAsync(!_answers.IsStreaming, _aborted.Token).ConfigureAwait(false);
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
            Refuse($"it declares {length} bytes, socket.request.max.bytes is {_settings.RequestMaxBytes}");

        if (_frames.Greeting == Greeting.Kafka)
            return;

        if (_services.Complaints.TryPass(out var others))
            _services.Logger.ForeignProtocol(_state.Remote, _state.ListenerName, Greetings.NameOf(_frames.Greeting), others);

        if (_frames.Greeting == Greeting.Http)
            await Greetings.AnswerHttpAsync(_socket, _services.Time).ConfigureAwait(false);
    }

    private void Refuse(string reason)
    {
        if (_services.Complaints.TryPass(out var others))
            _services.Logger.RequestRefused(_state.Remote, reason, others);
    }

    private static bool IsOrdinaryEnd(Exception error) => error is SocketException or ObjectDisposedException or OperationCanceledException;
}
