using OrleansLog.Protocol;

namespace OrleansLog.Grains;

/// <summary>Which broker coordinates a group.</summary>
/// <param name="Error"><see cref="ErrorCode.None"/>, or COORDINATOR_NOT_AVAILABLE.</param>
/// <param name="BrokerId">The broker, or -1.</param>
/// <param name="Message">Why there is none.</param>
public readonly record struct CoordinatorLocation(ErrorCode Error, int BrokerId, string? Message = null);
