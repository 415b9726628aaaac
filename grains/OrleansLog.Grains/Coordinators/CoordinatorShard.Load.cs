using System.Diagnostics;
using Microsoft.Extensions.Logging;
using OrleansLog.Core.Groups;
using OrleansLog.Grains.Diagnostics;
using OrleansLog.Grains.Fetching;
using OrleansLog.Grains.Timing;
using OrleansLog.Log;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Grains.Coordinators;

/// <content>Loading: the partition is read once, from its start to where this leader epoch began, in pieces of <c>offsets.load.buffer.size</c>.</content>
internal sealed partial class CoordinatorShard
{
    private const int HighWatermarkPollMs = 1000;
    private const int RetryDelayMs = 5000;

    private Task _loading = Task.CompletedTask;
    private RetryTimer? _retry;

    /// <summary>Completes when a load that is under way has ended.</summary>
    public Task Loaded
    {
        get
        {
            lock (_gate)
                return _loading;
        }
    }

    /// <summary>Starts to load.</summary>
    public void Load()
    {
        lock (_gate)
            BeginLoad();
    }

    private void BeginLoad()
    {
        if (_phase == ShardPhase.Closed)
            return;

        _phase = ShardPhase.Loading;
        var incarnation = _incarnation;
        var after = _loading;
        _loading = Task.Run(() => LoadAsync(incarnation, after));
    }

    /// <summary>Under the lock: what is in memory cannot be trusted; the log can.</summary>
    private void Reload(ErrorCode error)
    {
        if (_phase == ShardPhase.Closed)
            return;

        Unload(error);
        BeginLoad();
    }

    private async Task LoadAsync(int incarnation, Task after)
    {
        // An append of before may still be on its way into the log.
        await after.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await AppendsDone.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var began = Stopwatch.GetTimestamp();
        var load = new ShardLoad(_context.Settings);
        try
        {
            var error = await ReadAllAsync(incarnation, load).ConfigureAwait(false);
            if (error == ErrorCode.None)
                Activate(incarnation, load, Stopwatch.GetElapsedTime(began));
            else
                Fail(incarnation, error, load.Message);
        }
        catch (Exception e)
        {
            if (e is not ObjectDisposedException)
                _context.Broker.Logger.BackgroundWorkFailed($"coordinator {_partition.Name}", e);

            Fail(incarnation, ErrorCode.UnknownServerError, e.Message);
        }
    }

    private async Task<ErrorCode> ReadAllAsync(int incarnation, ShardLoad load)
    {
        // Only this shard appends, and not before it has loaded, so the end stands still; what lies before it will be committed.
        var status = _partition.Describe();
        var end = status.LogEndOffset;
        load.NextOffset = status.LogStartOffset;
        while (load.NextOffset < end && IsCurrent(incarnation))
        {
            var piece = await _context.Loaders.CallAsync(() => ReadPiece(load)).ConfigureAwait(false);
            if (piece.Error != ErrorCode.None)
                return piece.Error;
            if (piece.Bytes == 0 && piece.HighWatermark >= end)
                break;
            if (piece.Bytes == 0)
                await HighWatermarkMovedAsync(load.NextOffset, piece.HighWatermark).ConfigureAwait(false);
        }

        return ErrorCode.None;
    }

    private (ErrorCode Error, int Bytes, long HighWatermark) ReadPiece(ShardLoad load)
    {
        var wanted = new FetchPartition { Partition = _partition.Name, FetchOffset = load.NextOffset, CurrentLeaderEpoch = LeaderEpoch };
        var result = _partition.Read(wanted, _context.Config.OffsetsLoadBufferBytes, atLeastOneBatch: true, out var read);
        using (read)
        {
            load.Message = result.Message;
            if (result.Error != ErrorCode.None)
                return (result.Error, 0, -1);

            var rest = result.Records;
            while (RecordBatches.TryTakeNext(ref rest, out var batch, out _))
            {
                var unreadable = load.Add(batch, _partition.Settings.MaxDecompressedBytes);
                if (unreadable != ErrorCode.None)
                    return (unreadable, 0, -1);
            }

            return (ErrorCode.None, result.Records.Length, result.HighWatermark);
        }
    }

    private async Task HighWatermarkMovedAsync(long offset, long seen)
    {
        var waiter = new FetchWaiter(minBytes: 1, bytes: 0);
        var wanted = new FetchPartition { Partition = _partition.Name, FetchOffset = offset, CurrentLeaderEpoch = LeaderEpoch };
        if (!_partition.AddFetcher(waiter, wanted, seen, roomBytes: long.MaxValue))
            return;

        _context.Broker.Wheel.Schedule(waiter, HighWatermarkPollMs);
        await waiter.Task.ConfigureAwait(false);
        _context.Broker.Wheel.Cancel(waiter);
        _partition.RemoveFetcher(waiter);
    }

    private bool IsCurrent(int incarnation)
    {
        lock (_gate)
            return _incarnation == incarnation && _phase == ShardPhase.Loading;
    }

    private void Activate(int incarnation, ShardLoad load, TimeSpan duration)
    {
        lock (_gate)
        {
            if (_incarnation != incarnation || _phase != ShardPhase.Loading)
                return;

            _phase = ShardPhase.Active;
            foreach (var state in load.Groups)
            {
                var host = new GroupHost(this, state);
                _groups.Add(state.GroupId, host);
                _context.AddLoadedGroup();
            }

            foreach (var host in _groups.Values.ToList())
            {
                if (!Run(host, 0, static (group, _, time, decisions) => group.Loaded(time, decisions)))
                    return; // it loads again
            }
        }

        _context.Moves.Tell(_partition.Name.Partition);
        var level = load.Records > 0 ? LogLevel.Information : LogLevel.Debug;
        _context.Broker.Logger.ShardLoaded(level, _partition.Name, LeaderEpoch, load.Groups.Count, load.Records, duration);
        ForgetMissingTopics();
    }

    private void Fail(int incarnation, ErrorCode error, string? reason)
    {
        lock (_gate)
        {
            if (_incarnation != incarnation || _phase != ShardPhase.Loading)
                return;

            _phase = ShardPhase.Failed;
            _retry ??= new RetryTimer(this);
            _context.Broker.Wheel.Schedule(_retry, RetryDelayMs);
        }

        _context.Moves.Tell(_partition.Name.Partition);
        _context.Broker.Logger.ShardLoadFailed(_partition.Name, error, reason);
    }

    private void Retry()
    {
        lock (_gate)
        {
            if (_phase == ShardPhase.Failed)
                BeginLoad();
        }
    }

    private sealed class RetryTimer(CoordinatorShard shard) : TimerEntry
    {
        protected internal override void OnTimer(int generation) => shard.Retry();
    }
}
