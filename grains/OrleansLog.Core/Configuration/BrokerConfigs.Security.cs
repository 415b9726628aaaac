using static OrleansLog.Core.Configuration.ConfigNote;
using static OrleansLog.Core.Configuration.ConfigUpdateMode;

namespace OrleansLog.Core.Configuration;

public static partial class BrokerConfigs
{
    private static ConfigNote TlsLater => NotYet("TLS");
    private static ConfigNote SaslLater => NotYet("SASL");
    private static ConfigNote AclsLater => NotYet("ACLs");
    private static ConfigNote JavaOnly => NoEffect("it names Java classes; metrics come from the meter OrleansLog");

    private static void AddTls(ConfigTableBuilder table) => table
        .Text("ssl.keystore.location", null, "File with the broker's certificate and key.", update: PerBroker, note: TlsLater)
        .Secret("ssl.keystore.password", "Password of that file.", update: PerBroker, note: TlsLater)
        .Enum("ssl.keystore.type", "JKS", ["JKS", "PKCS12", "PEM"], "Format of that file.", update: PerBroker, note: TlsLater)
        .Secret("ssl.keystore.key", "The key itself, as PEM.", update: PerBroker, note: TlsLater)
        .Secret("ssl.keystore.certificate.chain", "The certificates themselves, as PEM.", update: PerBroker, note: TlsLater)
        .Secret("ssl.key.password", "Password of the key.", update: PerBroker, note: TlsLater)
        .Text("ssl.truststore.location", null, "File with the certificates that are trusted.", update: PerBroker, note: TlsLater)
        .Secret("ssl.truststore.password", "Password of that file.", update: PerBroker, note: TlsLater)
        .Enum("ssl.truststore.type", "JKS", ["JKS", "PKCS12", "PEM"], "Format of that file.", update: PerBroker, note: TlsLater)
        .Secret("ssl.truststore.certificates", "The trusted certificates themselves, as PEM.", update: PerBroker, note: TlsLater)
        .Enum("ssl.client.auth", "none", ["none", "requested", "required"], "Whether clients show a certificate.", update: PerBroker, note: TlsLater)
        .List("ssl.enabled.protocols", "TLSv1.2,TLSv1.3", "Versions of TLS that are offered.", update: PerBroker, note: TlsLater)
        .Text("ssl.protocol", "TLSv1.3", "The version of TLS that is preferred.", update: PerBroker, note: TlsLater)
        .List("ssl.cipher.suites", "", "Cipher suites that are offered.", update: PerBroker, note: TlsLater)
        .Text("ssl.endpoint.identification.algorithm", "https", "How host names are checked.", update: PerBroker, note: TlsLater)
        .Text("ssl.principal.mapping.rules", "DEFAULT", "How a certificate's name becomes a user.", note: TlsLater);

    private static void AddLogin(ConfigTableBuilder table) => table
        .Enum("security.inter.broker.protocol", "PLAINTEXT", ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"], "The protocol between brokers.", note: ReplicationLater)
        .Text("inter.broker.listener.name", null, "The listener between brokers.", note: ReplicationLater)
        .List("sasl.enabled.mechanisms", "GSSAPI", "SASL mechanisms that are offered.", update: PerBroker, note: SaslLater)
        .Text("sasl.mechanism.inter.broker.protocol", "GSSAPI", "The SASL mechanism between brokers.", update: PerBroker, note: SaslLater)
        .Text("sasl.mechanism.controller.protocol", "GSSAPI", "The SASL mechanism to the controller.", note: SaslLater)
        .Secret("sasl.jaas.config", "Users and passwords of a listener.", update: PerBroker, note: SaslLater)
        .Text("sasl.server.callback.handler.class", null, "A class that checks credentials.", note: SaslLater)
        .Text("sasl.login.callback.handler.class", null, "A class that obtains credentials.", note: SaslLater)
        .Int("sasl.server.max.receive.size", 524_288, "Largest message while a client logs in.", min: 1, unit: ConfigUnit.Bytes, note: SaslLater)
        .Long("connections.max.reauth.ms", 0, "After how long a client must log in again; 0 never.", min: 0, unit: ConfigUnit.Milliseconds, note: SaslLater)
        .Int("connection.failed.authentication.delay.ms", 100, "How long a failed login is kept waiting.", min: 0, unit: ConfigUnit.Milliseconds, note: SaslLater)
        .Text("authorizer.class.name", "", "The class that decides on rights.", note: AclsLater)
        .Text("super.users", null, "Users that may do everything.", note: AclsLater)
        .Bool("allow.everyone.if.no.acl.found", false, "Whether what has no ACL is open to everyone.", note: AclsLater)
        .Text("principal.builder.class", null, "The class that tells who a client is.", note: AclsLater)
        .Secret("delegation.token.secret.key", "Key of the delegation tokens.", note: SaslLater)
        .Long("delegation.token.max.lifetime.ms", 604_800_000, "Longest life of a delegation token.", min: 1, unit: ConfigUnit.Milliseconds, note: SaslLater)
        .Long("delegation.token.expiry.time.ms", 86_400_000, "Life of a delegation token without renewal.", min: 1, unit: ConfigUnit.Milliseconds, note: SaslLater);

    private static void AddTelemetry(ConfigTableBuilder table) => table
        .List("metric.reporters", "", "Classes that report metrics.", update: ClusterWide, note: JavaOnly)
        .List("kafka.metrics.reporters", "", "Older classes that report metrics.", note: JavaOnly)
        .Int("metrics.num.samples", 2, "Samples behind a rate.", min: 1, note: JavaOnly)
        .Long("metrics.sample.window.ms", 30_000, "Length of a sample.", min: 1, unit: ConfigUnit.Milliseconds, note: JavaOnly)
        .Enum("metrics.recording.level", "INFO", ["INFO", "DEBUG", "TRACE"], "How detailed metrics are.", note: JavaOnly)
        .Int("quota.window.num", 11, "Windows over which client quotas are measured.", min: 1, note: NotYet("client quotas"))
        .Int("quota.window.size.seconds", 1, "Length of such a window.", min: 1, unit: ConfigUnit.Seconds, note: NotYet("client quotas"))
        .Text("client.quota.callback.class", null, "The class that finds a client's quota.", note: NotYet("client quotas"));
}
