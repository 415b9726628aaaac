using OrleansLog.Protocol;

namespace OrleansLog;

/// <summary>Producer ids that one broker may hand out; nobody else ever gets them.</summary>
/// <param name="Error"><see cref="ErrorCode.None"/>, or why there is no block.</param>
/// <param name="FirstId">The first id, or -1.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Message">What was wrong.</param>
[GenerateSerializer, Immutable, Alias("olog.ProducerIdBlock")]
public readonly record struct ProducerIdBlock(ErrorCode Error, long FirstId, int Count, string? Message = null);
