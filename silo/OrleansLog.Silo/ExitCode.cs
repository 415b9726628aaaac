namespace OrleansLog.Silo;

/// <summary>What the process ends with.</summary>
internal static class ExitCode
{
    /// <summary>Stopped as asked.</summary>
    public const int Ok = 0;

    /// <summary>Could not start, or had to stop.</summary>
    public const int Failed = 1;

    /// <summary>The command line or a setting cannot be used.</summary>
    public const int Usage = 2;

    /// <summary>The other silos took this one for dead, and it heard of it: to be started again.</summary>
    public const int TakenForDead = 3;
}
