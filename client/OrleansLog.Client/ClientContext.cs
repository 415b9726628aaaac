namespace OrleansLog.Client;

/// <summary>What the producers, consumers and the admin of one client share.</summary>
internal sealed class ClientContext(ILogTransport transport, IAdminTransport admin, IGroupTransport? groups, TimeProvider time, ClientLog log)
{
    public ILogTransport Transport { get; } = transport;

    public IAdminTransport Admin { get; } = admin;

    /// <summary>Null where the client was made without.</summary>
    public IGroupTransport? Groups { get; } = groups;

    public TimeProvider Time { get; } = time;

    public ClientLog Log { get; } = log;

    public TopicDirectory Topics { get; } = new(transport, time);
}
