using System.Security.Cryptography;
using OrleansLog.Core.Configuration;
using OrleansLog.Grains;
using OrleansLog.Grains.Diagnostics;
using OrleansLog.Kafka.Diagnostics;
using OrleansLog.Kafka.Dispatch;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Replication;

/// <summary>Lets in who proves to be a broker of this cluster; anybody else is cut off.</summary>
internal sealed class PeerAuthenticateHandler(MetadataCache metadata, BrokerConfig config, TimeProvider time)
    : ApiHandler<SaslAuthenticateRequestData, SaslAuthenticateResponseData>
{
    private readonly Complaints _complaints = new(time);

    public override short MinVersion => MaxVersion;

    public override string MetricName => "AuthenticateFollower";

    protected override ValueTask<SaslAuthenticateResponseData?> HandleAsync(SaslAuthenticateRequestData request, RequestContext context)
    {
        var said = request.AuthBytes.Span;
        var connection = context.Connection;
        if (connection.Peer is { } peer)
        {
            peer.IsProven = !peer.IsProven && CryptographicOperations.FixedTimeEquals(said, peer.AwaitedProof);
            return new(peer.IsProven ? new SaslAuthenticateResponseData() : Refused(request, context, $"broker {peer.BrokerId} has not proven to be of this cluster"));
        }

        var secret = metadata.Current.ClusterSecret;
        if (secret.Length == 0)
            return new(Refused(request, context, "this broker has no metadata yet"));
        if (!PeerProof.TryReadHello(said, out var brokerId, out var brokerEpoch))
            return new(Refused(request, context, "it is no broker of this version"));

        var challenge = PeerProof.Challenge(secret, said, config.NodeId);
        connection.Peer = new ReplicaPeer(brokerId, brokerEpoch, PeerProof.OfFollower(secret, said, challenge));
        return new(new SaslAuthenticateResponseData { AuthBytes = challenge });
    }

    protected override SaslAuthenticateResponseData Fail(SaslAuthenticateRequestData request, ErrorCode error) => new() { ErrorCode = error };

    private SaslAuthenticateResponseData? Refused(SaslAuthenticateRequestData request, RequestContext context, string reason)
    {
        if (_complaints.TryPass(out var others))
            context.Logger.PeerRefused(context.Remote, reason, others);

        context.CloseConnection();
        return Refuse(request, ErrorCode.SaslAuthenticationFailed, context);
    }
}
