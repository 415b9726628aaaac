namespace OrleansLog.Cli.Tests;

/// <summary>Tests that count what the process allocates: nothing else runs beside them.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
