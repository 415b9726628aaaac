using System.Net.Sockets;
using System.Threading.Tasks.Sources;

namespace OrleansLog.Kafka.Network.Sockets;

/// <summary>A client's socket of an <see cref="EventLoop"/>.</summary>
/// <remarks>
/// The system tells once when bytes, room or an end have come (edge-triggered). So each direction counts what it was told, and remembers up to which count it has
/// used it up: a wait begins only where nothing was told since.
/// </remarks>
internal sealed class LoopSocket : ClientSocket, IThreadPoolWorkItem
{
    private const uint EndEvents = Epoll.PeerHangUp | Epoll.HangUp | Epoll.Error;

    private readonly EventLoop _loop;
    private readonly Lock _gate = new();
    private readonly Reading _reading;
    private readonly Writing _writing;
    private readonly int _file;
    private readonly long _id;
    private volatile bool _hasEnded;
    private bool _isClosed;

    /// <exception cref="SocketException">The connection has failed.</exception>
    /// <exception cref="IOException">The system has no room for it.</exception>
    public LoopSocket(Socket socket, EventLoop loop)
        : base(socket)
    {
        _loop = loop;
        _reading = new Reading(this);
        _writing = new Writing(this);
        socket.Blocking = false;
        _file = (int)socket.Handle;
        _id = loop.Add(this, _file);
    }

    public override bool HasPeerLeft => _hasEnded;

    public override ValueTask<int> ReceiveAsync(Memory<byte> room) => _reading.Begin(room);

    public override ValueTask SendAsync(List<ArraySegment<byte>> pieces) => _writing.Begin(pieces);

    public override void Dispose()
    {
        lock (_gate)
        {
            if (_isClosed)
                return;

            _isClosed = true;
        }

        // Out of the set before its number may be another file's.
        _loop.Remove(this, _id, _file);
        Socket.Dispose();
    }

    /// <summary>The system has told something; on the loop's thread.</summary>
    internal void OnEvents(uint events)
    {
        if ((events & EndEvents) != 0)
            _hasEnded = true;

        if ((events & (Epoll.In | EndEvents)) != 0)
            _reading.OnTold();

        if ((events & (Epoll.Out | Epoll.HangUp | Epoll.Error)) != 0)
            _writing.OnTold();
    }

    /// <summary>It was closed: waits end.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        _reading.OnTold();
        _writing.OnTold();
    }

    /// <summary>One direction: when to wait, and how a wait ends.</summary>
    private abstract class Direction<T>(LoopSocket owner) : IValueTaskSource<T>, IValueTaskSource
    {
        private ManualResetValueTaskSourceCore<T> _done = new() { RunContinuationsAsynchronously = false };
        private int _told;
        private int _usedUp;
        private bool _isWaiting;

        protected LoopSocket Owner { get; } = owner;

        /// <summary>What the system has told so far, to be compared after a try.</summary>
        protected int Told => Volatile.Read(ref _told);

        /// <summary>Whether there is nothing to try for: all that was told until now is used up.</summary>
        protected bool IsUsedUp(int told) => told == _usedUp && !Owner._hasEnded;

        /// <summary>Nothing is left of what had been told before a try.</summary>
        protected void UseUp(int told) => _usedUp = told;

        /// <summary>Begins to wait, unless more was told meanwhile.</summary>
        protected bool TryWait(int told)
        {
            lock (Owner._gate)
            {
                // One that was closed fails at its next try.
                if (_told != told || Owner._isClosed)
                    return false;

                _isWaiting = true;
                return true;
            }
        }

        /// <summary>Makes the wait ready to be handed out; before <see cref="TryWait"/>, which lets the loop end it.</summary>
        protected void Reset() => _done.Reset();

        protected short Version => _done.Version;

        protected void Finish(T result) => _done.SetResult(result);

        protected void Fail(Exception error) => _done.SetException(error);

        /// <summary>Tries again, for the one who waits; on the loop's thread.</summary>
        protected abstract void GoOn();

        public void OnTold()
        {
            lock (Owner._gate)
            {
                _told++;
                if (!_isWaiting)
                    return;

                _isWaiting = false;
            }

            GoOn();
        }

        public T GetResult(short token) => _done.GetResult(token);

        void IValueTaskSource.GetResult(short token) => _done.GetResult(token);

        public ValueTaskSourceStatus GetStatus(short token) => _done.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _done.OnCompleted(continuation, state, token, flags);
    }

    private sealed class Reading(LoopSocket owner) : Direction<int>(owner), IThreadPoolWorkItem
    {
        /// <summary>Receives in a row, after which the loop's other sockets have their turn.</summary>
        private const int InARowMost = 16;

        private Memory<byte> _room;
        private int _inARow;

        public ValueTask<int> Begin(Memory<byte> room)
        {
            _room = room;
            Reset();
            if (++_inARow > InARowMost)
            {
                Owner._loop.Post(this);
                return new(this, Version);
            }

            try
            {
                return TryReceive(out var received) ? new(received) : new(this, Version);
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                return ValueTask.FromException<int>(error);
            }
        }

        void IThreadPoolWorkItem.Execute() => GoOn();

        protected override void GoOn()
        {
            _inARow = 0;
            int received;
            try
            {
                if (!TryReceive(out received))
                    return;
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                Fail(error);
                return;
            }

            Finish(received);
        }

        /// <summary>False when it waits.</summary>
        private bool TryReceive(out int received)
        {
            received = 0;
            while (true)
            {
                var told = Told;
                if (IsUsedUp(told))
                {
                    if (TryWait(told))
                        return false;

                    ObjectDisposedException.ThrowIf(Owner._isClosed, Owner);
                    continue;
                }

                if (_room.IsEmpty)
                    return true;

                received = SocketCalls.Receive(Owner.Socket.SafeHandle, _room.Span);
                if (received < _room.Length)
                    UseUp(told);

                if (received >= 0)
                    return true;

                // After an end there is a last answer to every try.
                if (Owner._hasEnded)
                    throw new SocketException((int)SocketError.ConnectionReset);
            }
        }
    }

    private sealed class Writing(LoopSocket owner) : Direction<bool>(owner)
    {
        private List<ArraySegment<byte>> _pieces = [];

        public ValueTask Begin(List<ArraySegment<byte>> pieces)
        {
            _pieces = pieces;
            Reset();
            try
            {
                return TrySend() ? ValueTask.CompletedTask : new(this, Version);
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                pieces.Clear();
                return ValueTask.FromException(error);
            }
        }

        protected override void GoOn()
        {
            try
            {
                if (!TrySend())
                    return;
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                _pieces.Clear();
                Fail(error);
                return;
            }

            Finish(true);
        }

        /// <summary>False when it waits.</summary>
        private bool TrySend()
        {
            while (_pieces.Count > 0)
            {
                var told = Told;
                var sent = SocketCalls.Send(Owner.Socket.SafeHandle, _pieces);
                if (sent >= 0)
                    Drop(sent);
                else if (TryWait(told))
                    return false;
            }

            return true;
        }

        private void Drop(int sent)
        {
            var whole = 0;
            while (whole < _pieces.Count && _pieces[whole].Count <= sent)
            {
                sent -= _pieces[whole].Count;
                whole++;
            }

            _pieces.RemoveRange(0, whole);
            if (sent > 0)
                _pieces[0] = _pieces[0][sent..];
        }
    }
}
