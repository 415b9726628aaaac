using OrleansLog.Protocol;

namespace OrleansLog.Grains;

/// <summary>
/// Hands out producer ids from the block that the controller gave this broker, and asks for the next block when it is used up: one
/// controller decision for a thousand producers.
/// </summary>
/// <param name="allocate">Asks the controller: (broker id, broker epoch).</param>
internal sealed class ProducerIds(Func<int, long, Task<ProducerIdBlock>> allocate)
{
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private Task<ProducerIdBlock>? _asking;
    private long _next;
    private long _end;

    /// <summary>The next id; a controller that cannot be asked now is <see cref="ErrorCode.CoordinatorLoadInProgress"/>, which clients try again.</summary>
    public async ValueTask<InitProducerIdResult> NextAsync(int brokerId, long brokerEpoch)
    {
        while (true)
        {
            Task<ProducerIdBlock> asking;
            lock (_gate)
            {
                if (_next < _end)
                    return new InitProducerIdResult(ErrorCode.None, _next++, 0);

                asking = _asking ??= Task.Run(() => allocate(brokerId, brokerEpoch));
            }

            var block = await WaitAsync(asking).ConfigureAwait(false);
            lock (_gate)
            {
                if (ReferenceEquals(_asking, asking) && asking.IsCompleted)
                {
                    _asking = null;
                    if (block.Error == ErrorCode.None)
                        (_next, _end) = (block.FirstId, block.FirstId + block.Count);
                }
            }

            if (block.Error != ErrorCode.None)
                return InitProducerIdResult.Failure(ErrorCode.CoordinatorLoadInProgress, $"No producer ids from the controller now: {block.Message ?? block.Error.Describe()}");
        }
    }

    private static async Task<ProducerIdBlock> WaitAsync(Task<ProducerIdBlock> asking)
    {
        try
        {
            return await asking.WaitAsync(MaxWait).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return new ProducerIdBlock(ErrorCode.RequestTimedOut, -1, 0);
        }
        catch (Exception)
        {
            // Between two controllers, or Orleans lost the call: the ids of a block that was given are lost, which is what blocks are for.
            return new ProducerIdBlock(ErrorCode.NotController, -1, 0);
        }
    }
}
