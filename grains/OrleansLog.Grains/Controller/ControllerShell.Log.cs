using Microsoft.Extensions.Logging;
using OrleansLog.Core.Controller;

namespace OrleansLog.Grains;

/// <summary>The controller and its log: one loop appends, looks whether this is still the head, and saves snapshots.</summary>
internal sealed partial class ControllerShell
{
    private TaskCompletionSource<bool>? _verifying;

    /// <summary>
    /// Whether this controller was the head of the log at some moment after the call; false also where the log does not answer (D2).
    /// </summary>
    public Task<bool> VerifyHeadAsync()
    {
        Task<bool> verified;
        lock (_gate)
        {
            ThrowIfSteppedDown();
            verified = (_verifying ??= new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }

        Wake();
        return verified;
    }

    private async Task RunAsync()
    {
        var checkedAt = _time.GetTimestamp();
        while (!_stopping.IsCancellationRequested)
        {
            TaskCompletionSource<bool>? verifying = null;
            try
            {
                await _work.WaitAsync(_stopping.Token);
                verifying = TakeVerifying();
                var appended = false;
                while (await AppendAsync(_stopping.Token))
                {
                    checkedAt = _time.GetTimestamp();
                    appended = true;
                }

                if (verifying is not null && _steppedDown is null)
                {
                    // What was appended after the question answers it: only the head can append.
                    verifying.TrySetResult(appended || await CheckHeadAsync());
                }

                if (_steppedDown is null && _time.GetElapsedTime(checkedAt) >= HeadCheckInterval)
                {
                    checkedAt = _time.GetTimestamp();
                    await CheckHeadAsync();
                }
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Fail(e);
            }
            finally
            {
                verifying?.TrySetResult(false);
            }
        }
    }

    private async Task<bool> AppendAsync(CancellationToken cancellationToken)
    {
        MetadataBatch batch;
        lock (_gate)
        {
            if (_steppedDown is not null || !State.TrySeal(out batch))
            {
                return false;
            }
        }

        var entry = await _log.AppendAsync(batch.Version - 1, batch.ControllerEpoch, batch.Records, cancellationToken);
        if (entry is null)
        {
            StepDown($"another controller wrote metadata version {batch.Version}");
            return false;
        }

        MetadataImage image;
        lock (_gate)
        {
            image = State.Persisted(batch.Version);
            _tail.Add(entry);
            _persisted.Reach(batch.Version);
        }

        _tail.Signal();
        await SaveSnapshotIfDueAsync(image, cancellationToken);
        return true;
    }

    /// <summary>A snapshot that fails is tried again with the next version; the log says so when it cannot go on without.</summary>
    private async Task SaveSnapshotIfDueAsync(MetadataImage image, CancellationToken cancellationToken)
    {
        if (image.Version - _snapshotVersion < _settings.Config.MetadataSnapshotVersions)
        {
            return;
        }

        try
        {
            await _log.SaveSnapshotAsync(image, cancellationToken);
            _snapshotVersion = image.Version;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogSnapshotFailed(_logger, image.Version, e);
        }
    }

    private async Task<bool> CheckHeadAsync()
    {
        try
        {
            var isHead = await _log.IsHeadAsync(Committed.Version, _stopping.Token);
            if (!IsLogAnswering)
            {
                IsLogAnswering = true;
                LogHeadKnown(_logger);
            }

            if (isHead)
            {
                return true;
            }

            StepDown($"another controller wrote past metadata version {Committed.Version}");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Nobody else can write either while the storage is away; the data path goes on in its epochs. One line says so, not one a second.
            if (IsLogAnswering)
            {
                IsLogAnswering = false;
                LogHeadUnknown(_logger, e);
            }
        }

        return false;
    }

    private TaskCompletionSource<bool>? TakeVerifying()
    {
        lock (_gate)
        {
            var verifying = _verifying;
            _verifying = null;
            return verifying;
        }
    }
}
