namespace OrleansLog.Protocol.Records;

/// <summary>A record that the topic's rules refuse: the producer may send the others of its batch again without it (KIP-467).</summary>
/// <param name="Index">Where it stands in its batch.</param>
/// <param name="Fault">What is wrong with it.</param>
public readonly record struct BadRecord(int Index, BatchFault Fault);
