using OrleansLog.Kafka.Dispatch;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Admin;

/// <summary>
/// InitProducerId 0-5: an id for an idempotent producer, from any broker. One that has an id already (KIP-360) gets a fresh one, which
/// fences the old one as well. A transactional id is refused with an error that clients take for final.
/// </summary>
internal sealed class InitProducerIdHandler(IAdminTransport admin) : ApiHandler<InitProducerIdRequestData, InitProducerIdResponseData>
{
    /// <summary>Version 6 is for transactions in two phases (KIP-939).</summary>
    public override short MaxVersion => 5;

    protected override async ValueTask<InitProducerIdResponseData?> HandleAsync(InitProducerIdRequestData request, RequestContext context)
    {
        // Only half an identity: a client that has lost its bearings.
        if (request.ProducerId < -1 || (request.ProducerId == -1) != (request.ProducerEpoch == -1))
        {
            context.NoteError(ErrorCode.InvalidRequest);
            return Fail(request, ErrorCode.InvalidRequest);
        }

        var result = await admin.InitProducerIdAsync(
            new InitProducerIdRequest
            {
                TransactionalId = request.TransactionalId,
                TransactionTimeoutMs = request.TransactionTimeoutMs,
                ProducerId = request.ProducerId,
                ProducerEpoch = request.ProducerEpoch,
            },
            context.Aborted).ConfigureAwait(false);
        context.NoteError(result.Error);
        return new() { ErrorCode = result.Error, ProducerId = result.ProducerId, ProducerEpoch = result.Epoch };
    }

    protected override InitProducerIdResponseData Fail(InitProducerIdRequestData request, ErrorCode error) =>
        new() { ErrorCode = error, ProducerId = -1, ProducerEpoch = -1 };
}
