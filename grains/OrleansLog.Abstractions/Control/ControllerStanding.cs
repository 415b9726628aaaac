namespace OrleansLog;

/// <summary>What an activation of the controller's grain says of itself: whether it is the controller, and else who is.</summary>
/// <param name="Epoch">Its controller epoch; -1 where it is not the controller.</param>
/// <param name="KnownEpoch">The highest controller epoch that it knows of; -1 where the metadata log does not answer.</param>
/// <param name="KnownSilo">The silo of that controller; empty where it knows of none.</param>
[GenerateSerializer, Immutable, Alias("olog.ControllerStanding")]
public sealed record ControllerStanding(long Epoch, long KnownEpoch, string KnownSilo);
