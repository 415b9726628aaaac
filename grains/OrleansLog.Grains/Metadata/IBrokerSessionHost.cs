namespace OrleansLog.Grains;

/// <summary>What the broker tells its session, and hears from it. The broker's shell implements it.</summary>
public interface IBrokerSessionHost
{
    /// <summary>
    /// Called once when the silo becomes active, with the log directories open. The session fills in the incarnation, the
    /// silo's address and the epochs it knows.
    /// </summary>
    ValueTask<BrokerRegistration> DescribeBrokerAsync(CancellationToken cancellationToken);

    /// <summary>
    /// The controller accepted the registration; called before any metadata of it is published. A fresh directory is
    /// given its cluster id here. Called again with another epoch when the session was lost and made anew.
    /// </summary>
    ValueTask OnRegisteredAsync(BrokerRegistrationResult registration, CancellationToken cancellationToken);

    /// <summary>The controller lets the broker lead for the first time; called once, after the metadata that says so is published.</summary>
    void OnUnfenced()
    {
    }
}
