using System.Runtime.InteropServices;

namespace OrleansLog.Grains.Timing;

/// <summary>
/// Wakes one thread of the broker's own that has nothing to do. On Linux that is one system call, and none where the thread is awake; the runtime's monitors
/// take some five (docs/internals/performance.md).
/// </summary>
internal sealed unsafe class ThreadSignal
{
    private const int Clear = 0, Raised = 1, Awaited = 2;

    // Pinned, as the kernel is given its address.
    private readonly int[] _state = GC.AllocateArray<int>(1, pinned: true);
    private readonly object? _portable;

    /// <param name="isPortable">Whether it uses the runtime's monitors here, too, as it does where Linux is not.</param>
    public ThreadSignal(bool isPortable = false) => _portable = isPortable || !Futex.IsSupported ? new() : null;

    private int* Address => (int*)Marshal.UnsafeAddrOfPinnedArrayElement(_state, 0);

    /// <summary>The next wait ends at once, or the one that is under way. From any thread, and under locks.</summary>
    public void Raise()
    {
        if (_portable is not null)
            RaisePortably(_portable);
        else if (Interlocked.Exchange(ref _state[0], Raised) == Awaited)
            Futex.WakeOne(Address);
    }

    /// <summary>Waits until it was raised since the last wait. One thread at a time.</summary>
    public void Wait()
    {
        if (_portable is not null)
        {
            WaitPortably(_portable);
            return;
        }

        // Whatever ends the sleep, a signal to the process among them, the state tells whether it was raised.
        while (Interlocked.CompareExchange(ref _state[0], Clear, Raised) != Raised)
        {
            if (Interlocked.CompareExchange(ref _state[0], Awaited, Clear) != Raised)
                Futex.WaitWhile(Address, Awaited);
        }
    }

    private void RaisePortably(object gate)
    {
        lock (gate)
        {
            _state[0] = Raised;
            Monitor.Pulse(gate);
        }
    }

    private void WaitPortably(object gate)
    {
        lock (gate)
        {
            while (_state[0] != Raised)
                Monitor.Wait(gate);

            _state[0] = Clear;
        }
    }
}
