using OrleansLog.Core.Groups;
using OrleansLog.Grains.Diagnostics;
using OrleansLog.Protocol.Compression;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Grains.Coordinators;

/// <content>
/// Appends: one batch is under way at a time, what groups decide meanwhile gathers for the next. So a batch never rests on one that failed, and
/// the busier the disk, the larger the batches.
/// </content>
internal sealed partial class CoordinatorShard
{
    private readonly Queue<QueuedAppend> _queue = new();
    private int _headWritten;
    private int _incarnation;
    private bool _isAppending;
    private Task _appending = Task.CompletedTask;

    /// <summary>Completes when nothing is being appended; for stops and tests.</summary>
    public Task AppendsDone
    {
        get
        {
            lock (_gate)
                return _appending;
        }
    }

    private void Enqueue(GroupHost host, GroupAppend append)
    {
        _queue.Enqueue(new QueuedAppend(host, append));
        if (_isAppending)
            return;

        _isAppending = true;
        _appending = Task.Run(AppendQueuedAsync);
    }

    private async Task AppendQueuedAsync()
    {
        try
        {
            await AppendAllAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // What is queued would wait for ever, and all that comes behind it: the groups begin anew from the log.
            _context.Broker.Logger.BackgroundWorkFailed($"coordinator {_partition.Name}", e);
            lock (_gate)
            {
                _isAppending = false;
                if (_phase == ShardPhase.Active)
                    Reload(ErrorCode.CoordinatorNotAvailable);
            }
        }
    }

    private async Task AppendAllAsync()
    {
        var taken = new List<QueuedAppend>();
        using var builder = new RecordBatchBuilder(new RecordBatchBuilderOptions
        {
            Codec = (CompressionCodec)_context.Config.OffsetsTopicCompressionCodec,
            CapacityBytes = Math.Clamp(_partition.Settings.MaxMessageBytes, 256, 1 << 30),
        });
        while (true)
        {
            int incarnation;
            bool hasPiece;
            lock (_gate)
            {
                incarnation = _incarnation;
                hasPiece = Take(builder, taken);
                if (builder.Count == 0)
                {
                    _isAppending = false;
                    return;
                }
            }

            var (error, outcome) = await AppendAsync(builder).ConfigureAwait(false);
            lock (_gate)
            {
                if (incarnation == _incarnation)
                    Complete(taken, hasPiece, error, outcome);
            }

            taken.Clear();
            builder.Reset();
        }
    }

    /// <summary>
    /// Under the lock: fills a batch. An append that is larger than a batch may be goes on in the next one: only deletions and commits of very many
    /// offsets are, and each of their records stands for itself.
    /// </summary>
    /// <returns>True when a part of an append lies in another batch.</returns>
    private bool Take(RecordBatchBuilder builder, List<QueuedAppend> taken)
    {
        var hasPiece = _headWritten > 0;
        var nowMs = _context.Broker.NowMs;
        while (_queue.TryPeek(out var next))
        {
            var records = next.Append.Records;
            for (; _headWritten < records.Count; _headWritten++)
            {
                var record = records[_headWritten];
                if (!builder.TryAppend(nowMs, record.Key, keyIsNull: false, record.Value, record.Value is null))
                    return hasPiece || _headWritten > 0;
            }

            taken.Add(_queue.Dequeue());
            _headWritten = 0;
        }

        return hasPiece;
    }

    private async Task<(ErrorCode Error, ProduceOutcome Outcome)> AppendAsync(RecordBatchBuilder builder)
    {
        try
        {
            var result = await _partition.ProduceAsync(new ProduceRequest
            {
                Partition = _partition.Name,
                Batch = builder.Build(),
                Acks = Acks.All,
                TimeoutMs = _context.Config.OffsetsCommitTimeoutMs,
                CurrentLeaderEpoch = LeaderEpoch,
            }).ConfigureAwait(false);
            return (result.Error, result.Outcome);
        }
        catch (Exception e)
        {
            _context.Broker.Logger.BackgroundWorkFailed($"coordinator {_partition.Name}", e);
            return (ErrorCode.UnknownServerError, ProduceOutcome.Unknown);
        }
    }

    /// <summary>Under the lock: tells the groups how their records fared.</summary>
    private void Complete(List<QueuedAppend> taken, bool hasPiece, ErrorCode error, ProduceOutcome outcome)
    {
        // What stays in the log of an append that broke off is not what its group believes.
        if (error != ErrorCode.None && (hasPiece || outcome == ProduceOutcome.Unknown))
        {
            _context.Broker.Logger.ShardReloads(_partition.Name, error);
            Reload(ErrorCode.CoordinatorNotAvailable);
            return;
        }

        foreach (var (host, append) in taken)
        {
            if (error != ErrorCode.None)
                _context.Broker.Logger.GroupAppendRefused(host.State.GroupId, error);

            Run(host, (append.Id, error), static (group, args, time, decisions) => group.AppendCompleted(args.Id, args.error, time, decisions));
            if (_phase != ShardPhase.Active)
                return;
        }
    }

    private readonly record struct QueuedAppend(GroupHost Host, GroupAppend Append);
}
