using OrleansLog.Protocol;

namespace OrleansLog.Client;

/// <summary>The producer id that all partitions of a producer share; asked for when the first batch needs it.</summary>
internal sealed class ProducerIdentity(ProducerCore core)
{
    private readonly Lock _gate = new();
    private Task<InitProducerIdResult>? _asking;
    private InitProducerIdResult _current = InitProducerIdResult.Failure(ErrorCode.UnknownProducerId, null);

    /// <summary>The id to use; another one than <paramref name="spentId"/>, which cannot go on.</summary>
    /// <exception cref="LogException">There is none now.</exception>
    public async ValueTask<InitProducerIdResult> GetAsync(long spentId, long remainingMs)
    {
        Task<InitProducerIdResult> asking;
        lock (_gate)
        {
            if (_current.ProducerId >= 0 && _current.ProducerId != spentId)
                return _current;
            if (_asking is not { IsCompleted: false })
                _asking = AskAsync();
            asking = _asking;
        }

        var result = await WaitAsync(asking, remainingMs).ConfigureAwait(false);
        return result.Error == ErrorCode.None ? result : throw new LogException(result.Error, result.Message is null ? null : $"No producer id: {result.Message}");
    }

    private async Task<InitProducerIdResult> AskAsync()
    {
        var result = await core.Client.Admin.InitProducerIdAsync(new InitProducerIdRequest(), core.Closing).ConfigureAwait(false);
        if (result.Error == ErrorCode.None)
        {
            lock (_gate)
                _current = result;
        }

        return result;
    }

    private async Task<InitProducerIdResult> WaitAsync(Task<InitProducerIdResult> asking, long remainingMs)
    {
        try
        {
            return await asking.WaitAsync(TimeSpan.FromMilliseconds(Math.Max(1, remainingMs)), core.Time, core.Closing).ConfigureAwait(false);
        }
        catch (LogException)
        {
            throw;
        }
        catch (Exception error) when (error is TimeoutException or OperationCanceledException)
        {
            throw new LogException(ErrorCode.RequestTimedOut, "No producer id came in time.", error);
        }
        catch (Exception error)
        {
            throw new LogException(ErrorCode.NetworkException, $"No producer id: {error.Message}", error);
        }
    }
}
