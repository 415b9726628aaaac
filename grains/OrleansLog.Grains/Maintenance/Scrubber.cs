using Microsoft.Extensions.Logging;
using OrleansLog.Core.Configuration;
using OrleansLog.Grains.Diagnostics;
using OrleansLog.Grains.Partitions;

namespace OrleansLog.Grains.Maintenance;

/// <summary>
/// The slow background scrub (D15): passes over all segments that check every CRC again, so that damage in cold records is known before
/// somebody needs them. A pass is made of short turns on a background thread, one at a time, with a wait in between that keeps the pace.
/// </summary>
internal sealed class Scrubber : IDisposable
{
    private const int TurnMinBytes = 64 * 1024;
    private const int TurnMaxBytes = 1024 * 1024;
    private const int TurnsPerSecond = 10;
    private const int StepCostMinBytes = 4096;
    private static readonly TimeSpan WaitForLogs = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly BrokerContext _broker;
    private readonly PartitionTable _partitions;
    private readonly WorkThreads _threads;
    private readonly Func<bool> _areLogsOpen;
    private readonly long _bytesPerSecond;
    private readonly int _turnBytes;
    private readonly TimeSpan _interval;
    private readonly ITimer? _timer;
    private volatile bool _isStopping;
    private Pass? _pass;

    public Scrubber(BrokerContext broker, BrokerConfig config, PartitionTable partitions, WorkThreads threads, Func<bool> areLogsOpen)
    {
        _broker = broker;
        _partitions = partitions;
        _threads = threads;
        _areLogsOpen = areLogsOpen;
        _bytesPerSecond = config.ScrubBytesPerSecond;
        _turnBytes = (int)Math.Clamp(_bytesPerSecond / TurnsPerSecond, TurnMinBytes, TurnMaxBytes);
        _interval = TimeSpan.FromHours(config.ScrubIntervalHours);
        if (_bytesPerSecond == 0)
            return;

        _timer = broker.Time.CreateTimer(_ => StartTurn(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        WaitFor(TimeSpan.FromMilliseconds(Math.Min(config.LogInitialTaskDelayMs, _interval.TotalMilliseconds)));
    }

    /// <summary>The turn that runs, or the last one. After <see cref="Dispose"/> no other follows.</summary>
    public Task Turn { get; private set; } = Task.CompletedTask;

    /// <summary>Ends the pass; a turn that runs ends after the step that it is at.</summary>
    public void Dispose()
    {
        lock (_gate)
            _isStopping = true;

        _timer?.Dispose();
    }

    private void StartTurn()
    {
        lock (_gate)
        {
            if (!_isStopping)
                Turn = _threads.CallAsync(RunTurn);
        }
    }

    /// <summary>One turn, and the wait for the next; true while the pass goes on.</summary>
    private bool RunTurn()
    {
        // What is not open yet when a pass begins would wait for the next one, a week later.
        if (_pass is null && !_areLogsOpen())
        {
            WaitFor(WaitForLogs);
            return false;
        }

        try
        {
            _pass ??= new Pass(_partitions, _broker.Time.GetTimestamp());
            var cost = ReadOn(_pass);
            if (!_pass.IsOver)
            {
                WaitFor(TimeSpan.FromSeconds((double)cost / _bytesPerSecond));
                return true;
            }

            _broker.Logger.ScrubPassEnded(
                _pass.BytesChecked == 0 ? LogLevel.Debug : LogLevel.Information,
                _pass.BytesChecked, _pass.PartitionsRead, _broker.Time.GetElapsedTime(_pass.StartedAt), _pass.DamagedPlaces);
        }
        catch (Exception e)
        {
            _broker.Logger.BackgroundWorkFailed(nameof(Scrubber), e);
        }

        _pass = null;
        WaitFor(_interval);
        return false;
    }

    /// <summary>Steps until a turn's bytes are read; returns what they cost.</summary>
    private long ReadOn(Pass pass)
    {
        long cost = 0;
        while (cost < _turnBytes && !_isStopping && pass.TryFindNext(out var partition))
            cost += Math.Max(Step(pass, partition), StepCostMinBytes);

        return cost;
    }

    /// <summary>What was only read is not doubtful for that: a partition whose scrub fails is left out of the pass, and serves on.</summary>
    private long Step(Pass pass, Partition partition)
    {
        try
        {
            return pass.Step(partition, _turnBytes);
        }
        catch (Exception e)
        {
            _broker.Logger.BackgroundWorkFailed($"{nameof(Scrubber)} of {partition.Name}", e);
            pass.LeaveOut();
            return 0;
        }
    }

    private void WaitFor(TimeSpan delay)
    {
        lock (_gate)
        {
            if (!_isStopping)
                _timer!.Change(TimeSpan.FromMilliseconds(Math.Clamp(Math.Ceiling(delay.TotalMilliseconds), 1, uint.MaxValue - 1)), Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Where a pass is; used by one turn at a time.</summary>
    private sealed class Pass(PartitionTable partitions, long startedAt)
    {
        // Names, so that what is deleted during a pass of days is not held.
        private readonly Queue<TopicPartition> _toRead = new(partitions.All.Select(partition => partition.Name));
        private Partition? _current;
        private long _nextOffset;
        private long _endOffset;

        public long StartedAt => startedAt;

        public bool IsOver { get; private set; }

        public long BytesChecked { get; private set; }

        public int PartitionsRead { get; private set; }

        public int DamagedPlaces { get; private set; }

        /// <summary>The partition to go on with; false at the end of the pass.</summary>
        public bool TryFindNext(out Partition partition)
        {
            while (_current is null || _nextOffset >= _endOffset || !_current.IsOnline)
            {
                if (!_toRead.TryDequeue(out var name))
                {
                    IsOver = true;
                    partition = null!;
                    return false;
                }

                Begin(partitions.Find(name));
            }

            partition = _current;
            return true;
        }

        /// <summary>Reads on in a partition; returns how many bytes that took.</summary>
        public long Step(Partition partition, int maxBytes)
        {
            var outcome = partition.Scrub(_nextOffset, maxBytes);
            BytesChecked += outcome.BytesChecked;
            DamagedPlaces += outcome.Damage is null ? 0 : 1;
            _nextOffset = outcome.IsComplete || outcome.DiskError is not null ? _endOffset : outcome.NextOffset;
            return outcome.Damage is null ? outcome.BytesChecked : maxBytes;
        }

        /// <summary>Goes on with the next partition.</summary>
        public void LeaveOut() => _nextOffset = _endOffset;

        private void Begin(Partition? partition)
        {
            _current = partition;
            if (partition is null)
                return;

            // The end as it is now: a log that is written faster than it is read here must not hold up the others.
            _nextOffset = partition.Log.LogStartOffset;
            _endOffset = partition.Log.LogEndOffset;
            PartitionsRead += _nextOffset < _endOffset ? 1 : 0;
        }
    }
}
