using OrleansLog.Protocol;

namespace OrleansLog.Core.Controller;

public sealed partial class ControllerState
{
    /// <summary>How many producer ids a broker gets at a time.</summary>
    public const int ProducerIdBlockSize = 1_000;

    /// <summary>Gives a registered broker a block of ids that nobody had before; what it does not use is lost with its process.</summary>
    /// <param name="brokerId"><c>node.id</c>.</param>
    /// <param name="brokerEpoch">Broker epoch of its registration.</param>
    public Decision<ProducerIdsAnswer> AllocateProducerIds(int brokerId, long brokerEpoch)
    {
        if (Latest.FindBroker(brokerId) is not { } broker || broker.Epoch != brokerEpoch)
        {
            return Decide(new ProducerIdsAnswer(ErrorCode.StaleBrokerEpoch, -1, $"broker {brokerId} has no registration with epoch {brokerEpoch}"));
        }

        var first = Latest.NextProducerId;
        return first > long.MaxValue - ProducerIdBlockSize
            ? Decide(new ProducerIdsAnswer(ErrorCode.UnknownServerError, -1, "there are no producer ids left"))
            : Decide(new ProducerIdsAnswer(ErrorCode.None, first), [new ProducerIdsRecord(brokerId, brokerEpoch, first + ProducerIdBlockSize)]);
    }
}

/// <summary>The answer to <see cref="ControllerState.AllocateProducerIds"/>.</summary>
/// <param name="Error"><see cref="ErrorCode.None"/>, or why it was refused.</param>
/// <param name="FirstId">The first id of <see cref="ControllerState.ProducerIdBlockSize"/>, or -1.</param>
/// <param name="Message">What was wrong.</param>
public readonly record struct ProducerIdsAnswer(ErrorCode Error, long FirstId, string? Message = null);
