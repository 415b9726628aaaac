namespace OrleansLog.Cli;

/// <summary>What <c>olog</c> tells the shell. Scripts rely on these numbers; docs/reference/olog.md lists them.</summary>
internal enum ExitCode
{
    /// <summary>Done. Also when the reader of standard output went away (<c>| head</c>).</summary>
    Ok = 0,

    /// <summary>The broker refused, or something failed here.</summary>
    Error = 1,

    /// <summary>The command line was wrong; nothing was done.</summary>
    Usage = 2,

    /// <summary>No silo answers at the gateway addresses.</summary>
    CannotConnect = 3,

    /// <summary>No such topic, partition, broker, group, offset or file.</summary>
    NotFound = 4,

    /// <summary><c>log dump</c> found damage.</summary>
    Damage = 5,

    /// <summary>A record is larger than the topic takes.</summary>
    RecordTooLarge = 6,

    /// <summary>No answer in time; what was asked may or may not have happened.</summary>
    OutcomeUnknown = 7,

    /// <summary><c>cluster status</c> found partitions that have no leader, or a replica that is out of sync.</summary>
    Degraded = 8,

    /// <summary>Ctrl-C: 128 + SIGINT, as shells count.</summary>
    Interrupted = 130,

    /// <summary>SIGTERM: 128 + 15.</summary>
    Terminated = 143,
}
