namespace OrleansLog.Client;

/// <summary>How a hosted consumer is: what its health check looks at.</summary>
public interface IHostedConsumer
{
    /// <summary>Its group.</summary>
    string GroupId { get; }

    /// <summary>True from its start until it has left the group.</summary>
    bool IsRunning { get; }

    /// <summary>What ended it, or null.</summary>
    Exception? Failure { get; }

    /// <summary>Records that were read and are not done with.</summary>
    int RecordsInFlight { get; }
}
