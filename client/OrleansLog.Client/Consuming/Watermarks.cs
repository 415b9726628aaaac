namespace OrleansLog.Client;

/// <summary>The ends of a partition as readers see it.</summary>
/// <param name="Low">First offset that it still has.</param>
/// <param name="High">Offset of the next readable record: one past the last one.</param>
public readonly record struct Watermarks(long Low, long High);
