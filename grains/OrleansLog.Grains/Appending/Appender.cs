using OrleansLog.Grains.Partitions;
using OrleansLog.Grains.Timing;

namespace OrleansLog.Grains.Appending;

/// <summary>
/// One writer thread and the partitions that are its own. It takes everything that has gathered, writes each partition's batches
/// in one gathered write, and goes for the next (D4): the busier the disk, the larger the groups.
/// </summary>
internal sealed class Appender : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ThreadSignal _signal = new();
    private readonly AppendScratch _scratch = new();
    private readonly List<Partition> _touched = [];
    private readonly AppendAdmission _admission;
    private readonly Thread _thread;
    private List<IAppenderWork> _incoming = [];
    private List<IAppenderWork> _taken = [];
    private bool _isStopping;

    public Appender(int number, AppendAdmission admission)
    {
        _admission = admission;
        _thread = new Thread(Run) { IsBackground = true, Name = $"olog-append-{number}" };
        _thread.Start();
    }

    /// <summary>Queues an admitted append; false when the appender has stopped.</summary>
    public bool TryEnqueue(IAppenderWork work)
    {
        lock (_gate)
        {
            if (_isStopping)
                return false;

            _incoming.Add(work);
            if (_incoming.Count > 1)
                return true;
        }

        _signal.Raise();
        return true;
    }

    /// <summary>Runs something between two appends; what was queued before it is appended first.</summary>
    public Task<T> CallAsync<T>(Func<T> call, bool isAwaitedBriefly = false)
    {
        var work = new AppenderCall<T>(call, isAwaitedBriefly);
        if (!TryEnqueue(work))
            work.Abandon();

        return work.Task;
    }

    /// <summary>Appends what is queued, then ends the thread.</summary>
    public void Dispose()
    {
        lock (_gate)
            _isStopping = true;

        _signal.Raise();
        _thread.Join();
    }

    private void Run()
    {
        while (TakeGathered())
        {
            AnsweringThread.Begin();
            foreach (var work in _taken)
            {
                if (work is AppendRequest request)
                {
                    if (request.Partition!.Gather(request))
                        _touched.Add(request.Partition!);
                }
                else
                {
                    AppendTouched();
                    ((AppenderCall)work).Execute();
                }
            }

            AppendTouched();
            _taken.Clear();
        }
    }

    private bool TakeGathered()
    {
        while (true)
        {
            lock (_gate)
            {
                if (_incoming.Count > 0)
                {
                    (_taken, _incoming) = (_incoming, _taken);
                    return true;
                }

                if (_isStopping)
                    return false;
            }

            _signal.Wait();
        }
    }

    private void AppendTouched()
    {
        foreach (var partition in _touched)
        {
            var bytes = partition.AppendGathered(_scratch);
            _admission.Release(bytes);
        }

        _touched.Clear();
    }
}
