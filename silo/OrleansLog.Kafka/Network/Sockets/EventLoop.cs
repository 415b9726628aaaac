using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using OrleansLog.Grains.Timing;

namespace OrleansLog.Kafka.Network.Sockets;

/// <summary>
/// One thread that waits for many sockets and runs what waited for them, without the thread pool: a request is received, handled and, where nothing has to be
/// waited for, answered on it.
/// </summary>
internal sealed class EventLoop : ServingThread, IDisposable
{
    private const int EventsMost = 256;
    private const long OwnSignal = 0;

    private readonly int _epoll;
    private readonly int _signal;
    private readonly ConcurrentDictionary<long, LoopSocket> _sockets = new();
    private readonly ConcurrentQueue<IThreadPoolWorkItem> _posted = new();
    private readonly Lock _gate = new();
    private long _lastId = OwnSignal;
    private int _isSignalled;
    private bool _isStopping;
    private bool _hasEnded;

    /// <summary>Starts the thread.</summary>
    /// <exception cref="IOException">The system gives no more handles.</exception>
    public EventLoop(string name)
    {
        _epoll = Epoll.Create();
        try
        {
            _signal = Epoll.CreateSignal();
            Epoll.Add(_epoll, _signal, Epoll.In | Epoll.EdgeTriggered, OwnSignal);
        }
        catch
        {
            CloseHandles();
            throw;
        }

        new Thread(Run) { IsBackground = true, Name = name }.Start();
    }

    /// <summary>Sockets that it waits for.</summary>
    public int Count => _sockets.Count;

    /// <summary>Waits for a socket from now on; its number here.</summary>
    /// <exception cref="IOException">The system refuses.</exception>
    /// <exception cref="ObjectDisposedException">The loop has ended.</exception>
    public long Add(LoopSocket socket, int file)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isStopping, this);
            var id = ++_lastId;
            _sockets[id] = socket;
            try
            {
                Epoll.Add(_epoll, file, Epoll.In | Epoll.Out | Epoll.PeerHangUp | Epoll.EdgeTriggered, id);
                return id;
            }
            catch
            {
                _sockets.TryRemove(id, out _);
                throw;
            }
        }
    }

    /// <summary>Waits for a socket no more, and has what waited for it end on the loop's thread.</summary>
    public void Remove(LoopSocket socket, long id, int file)
    {
        lock (_gate)
        {
            if (!_hasEnded)
                Epoll.Remove(_epoll, file);
        }

        _sockets.TryRemove(id, out _);
        Post(socket);
    }

    /// <inheritdoc/>
    public override void Post(IThreadPoolWorkItem item)
    {
        _posted.Enqueue(item);
        if (Interlocked.Exchange(ref _isSignalled, 1) != 0)
            return;

        // Not to a handle that is closed, and may be another file's by now.
        lock (_gate)
        {
            if (!_hasEnded)
            {
                Epoll.Signal(_signal);
                return;
            }
        }

        Interlocked.Exchange(ref _isSignalled, 0);
        HandOver();
    }

    /// <summary>Ends the thread, when it has done what it is at.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isStopping)
                return;

            _isStopping = true;
            Epoll.Signal(_signal);
        }
    }

    private void Run()
    {
        Enter();
        var events = Epoll.NewEvents(EventsMost);
        while (!Volatile.Read(ref _isStopping))
        {
            var count = Epoll.Wait(_epoll, events);
            if (count < 0 && Marshal.GetLastPInvokeError() != Epoll.InterruptedError)
                Environment.FailFast($"epoll_wait: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

            for (var i = 0; i < count; i++)
            {
                var (what, id) = Epoll.Get(events, i);
                if (id == OwnSignal)
                    Epoll.ClearSignal(_signal);
                else if (_sockets.TryGetValue(id, out var socket))
                    socket.OnEvents(what);
            }

            // What is posted from here on makes a signal of its own, and waits for the sockets to have had their turn.
            Interlocked.Exchange(ref _isSignalled, 0);
            for (var left = _posted.Count; left > 0 && _posted.TryDequeue(out var item); left--)
                item.Execute();
        }

        lock (_gate)
        {
            _hasEnded = true;
            CloseHandles();
        }

        Interlocked.Exchange(ref _isSignalled, 0);
        HandOver();
    }

    /// <summary>The thread has ended: what was posted goes on on the thread pool.</summary>
    private void HandOver()
    {
        while (_posted.TryDequeue(out var item))
            ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: false);
    }

    private void CloseHandles()
    {
        _ = Epoll.Close(_epoll);
        if (_signal > 0)
            _ = Epoll.Close(_signal);
    }
}
