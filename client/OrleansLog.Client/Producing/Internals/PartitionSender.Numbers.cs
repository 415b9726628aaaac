using OrleansLog.Protocol;

namespace OrleansLog.Client;

/// <summary>
/// The numbers of an idempotent producer's batches (KIP-98). Each partition counts for itself, in an epoch of its own (KIP-360): a batch that
/// was given up leaves a gap, and the next epoch begins at 0. Only the pump touches this.
/// </summary>
internal sealed partial class PartitionSender
{
    private long _producerId = -1;
    private long _spentId = -1;
    private short _epoch;
    private int _nextSequence;

    /// <summary>Gives the batch its number, unless it has one or needs none. False: there is no producer id yet, the reason is told.</summary>
    private async ValueTask<LogException?> NumberAsync(ProducerBatch batch)
    {
        if (!core.Options.IsIdempotent || batch.IsNumbered)
            return null;
        if (_producerId < 0)
        {
            try
            {
                var identity = await core.Identity.GetAsync(_spentId, core.RemainingMs(batch)).ConfigureAwait(false);
                (_producerId, _epoch, _nextSequence) = (identity.ProducerId, identity.Epoch, 0);
            }
            catch (LogException error)
            {
                return error;
            }
        }

        batch.Number(_producerId, _epoch, _nextSequence);
        _nextSequence = (int)((_nextSequence + (long)batch.Count) & int.MaxValue);
        return null;
    }

    /// <summary>The batch certainly is not in the log: the next one takes its number.</summary>
    private void TakeNumberBack(ProducerBatch batch)
    {
        if (!batch.IsNumbered)
            return;
        _nextSequence = batch.BaseSequence;
        batch.TakeNumberBack();
    }

    /// <summary>
    /// The broker's numbers and these have parted. What was sent in the epoch before and has not arrived yet is refused from now on, so
    /// it cannot come in out of order.
    /// </summary>
    private void StartEpoch(ProducerBatch batch)
    {
        batch.TakeNumberBack();
        _nextSequence = 0;
        if (_epoch == short.MaxValue)
            SpendId(batch);
        else
            _epoch++;
    }

    /// <summary>The id itself cannot go on: its epochs are used up, or somebody else writes under it.</summary>
    private void SpendId(ProducerBatch batch)
    {
        batch.TakeNumberBack();
        if (_producerId >= 0)
            (_spentId, _producerId) = (_producerId, -1);
    }

    /// <summary>
    /// Ends the batch after it was refused, or ran out of time. One that no broker can have stored leaves its number to the next. One that may be
    /// stored does not: its number stays its own, and the next batch begins the next epoch (KIP-360), which refuses this one should it still come.
    /// </summary>
    private void GiveUp(ProducerBatch batch, LogException reason, RecordRefusals? refusals = null)
    {
        if (batch.MayBeStored)
        {
            var last = reason is DeliveryTimeoutException ? reason.InnerException as LogException : reason;
            Fail(batch, new DeliveryUnknownException(
                TopicPartition, reason.Code, $"A record for {TopicPartition} may or may not be in the log: no answer settled whether it was stored. The last one: {reason.Message}", last));
            if (core.Options.IsIdempotent)
                StartEpoch(batch);
        }
        else
        {
            Fail(batch, reason, refusals);
            TakeNumberBack(batch);
        }
    }
}
