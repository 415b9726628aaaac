using OrleansLog.Grains.Appending;
using OrleansLog.Grains.Diagnostics;

namespace OrleansLog.Grains.Partitions;

/// <content>
/// What no rule foresees: a bug. Nobody is above the threads that append, sync and look after logs but the runtime, which would end the
/// process and every partition with it. So the one that it happened to goes offline, alone.
/// </content>
internal sealed partial class Partition
{
    private Exception? _failure;

    /// <summary>Why it is offline or refuses appends, in words that are safe to show to a client.</summary>
    private string StatusMessage => Volatile.Read(ref _failure) is { } failure
        ? $"it is offline until the broker restarts, because of an error inside the broker ({failure.GetType().Name}); the broker's log has it."
        : Directory.StatusMessage;

    /// <summary>
    /// Its work failed in a way that no rule foresees, so that what is in memory of it may be wrong: it goes offline until the broker restarts,
    /// and its stop counts as unclean, so that the next start looks at its log. Does not throw.
    /// </summary>
    /// <param name="error">What happened.</param>
    /// <param name="work">What it was about.</param>
    public void Fail(Exception error, string work)
    {
        if (Interlocked.CompareExchange(ref _failure, error, null) is null)
            _broker.Logger.PartitionFailed(Name, work, error);

        try
        {
            GoOffline();
        }
        catch (Exception e)
        {
            _broker.Logger.BackgroundWorkFailed($"{Name} going offline", e);
        }
    }

    /// <summary>Work on the appender between two appends; what it throws takes the partition offline, and goes to the caller.</summary>
    private Task<T> CallAsync<T>(string work, Func<T> call, bool isAwaitedBriefly = false) => _appender.CallAsync(
        () =>
        {
            try
            {
                return call();
            }
            catch (Exception e)
            {
                Fail(e, work);
                throw;
            }
        },
        isAwaitedBriefly);

    /// <summary>On the appender, after a failure: answers those of the group whom nobody else will.</summary>
    private void AnswerTheRest(AppendScratch scratch)
    {
        try
        {
            if (_gathered.Count > 0)
            {
                // Not all were let in, and none was written; the queues have some of the same.
                foreach (var request in _gathered)
                    Answer(request, ProduceOutcome.NotStored);

                return;
            }

            while (scratch.Accepted.TryDequeue(out var request) || scratch.Duplicates.TryDequeue(out request))
                Answer(request, ProduceOutcome.Unknown);

            Refuse(scratch);
        }
        catch (Exception e)
        {
            _broker.Logger.BackgroundWorkFailed($"{Name} refusing appends", e);
        }
        finally
        {
            _gathered.Clear();
        }

        void Answer(AppendRequest request, ProduceOutcome outcome)
        {
            _broker.Metrics.ProduceFailed(TopicTag);
            request.Complete(ErrorCode.KafkaStorageError, outcome, -1, $"{Name}: {StatusMessage}");
        }
    }
}
