using OrleansLog.Grains.Partitions;
using OrleansLog.Grains.Timing;

namespace OrleansLog.Grains.Appending;

/// <summary>
/// One writer thread and the partitions that are its own. It takes everything that has gathered, writes each partition's batches
/// in one gathered write, and goes for the next (D4): the busier the disk, the larger the groups.
/// </summary>
internal sealed class Appender : IDisposable
{
    private readonly GatheredWork<IAppenderWork> _work = new();
    private readonly AppendScratch _scratch = new();
    private readonly List<Partition> _touched = [];
    private readonly AppendAdmission _admission;
    private readonly Thread _thread;

    public Appender(int number, AppendAdmission admission)
    {
        _admission = admission;
        _thread = new Thread(Run) { IsBackground = true, Name = $"olog-append-{number}" };
        _thread.Start();
    }

    /// <summary>Queues an admitted append; false when the appender has stopped.</summary>
    public bool TryEnqueue(IAppenderWork work) => _work.TryAdd(work);

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
        _work.Stop();
        _thread.Join();
    }

    private void Run()
    {
        while (_work.TryTakeAll(out var taken))
        {
            AnsweringThread.Begin();
            foreach (var work in taken)
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
