namespace OrleansLog.Core.Controller;

/// <summary>An answer that may be given once the version that it rests on is persisted (S6).</summary>
/// <typeparam name="T">The answer.</typeparam>
/// <param name="Answer">What to answer then.</param>
/// <param name="PersistedAt">The metadata version to wait for.</param>
public readonly record struct Decision<T>(T Answer, long PersistedAt);
