namespace OrleansLog.Grains;

/// <summary>
/// Requests with bytes of their own, to be sent to another silo. Orleans writes a message when its connection comes to it, which may be after the call
/// was given up; the bytes of a client's request belong to somebody else by then.
/// </summary>
internal static class OwnMemory
{
    public static ProduceRequest WithOwnMemory(this ProduceRequest request) => new()
    {
        Partition = request.Partition,
        Batch = request.Batch.ToArray(),
        Acks = request.Acks,
        TimeoutMs = request.TimeoutMs,
        CurrentLeaderEpoch = request.CurrentLeaderEpoch,
    };

    public static JoinGroupCall WithOwnMemory(this JoinGroupCall call) => call with
    {
        Protocols = Array.ConvertAll(call.Protocols, static protocol => protocol with { Metadata = protocol.Metadata.ToArray() }),
    };

    public static SyncGroupCall WithOwnMemory(this SyncGroupCall call) => call with
    {
        Assignments = Array.ConvertAll(call.Assignments, static share => share with { Assignment = share.Assignment.ToArray() }),
    };
}
