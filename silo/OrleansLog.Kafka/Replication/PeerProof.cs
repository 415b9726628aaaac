using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace OrleansLog.Kafka.Replication;

/// <summary>
/// How two brokers prove to each other that they are of one cluster (D13), in two exchanges of SaslAuthenticate: the follower says who it is, with a
/// nonce; the leader answers with its own nonce and its proof; the follower checks that, and proves itself. A proof is an HMAC-SHA-256 under the
/// cluster's secret over all that both said, so that neither can be replayed, nor sent back to where it came from.
/// </summary>
internal static class PeerProof
{
    public const int NonceBytes = 32;
    public const int ProofBytes = HMACSHA256.HashSizeInBytes;

    /// <summary>Bytes of a <see cref="Hello"/>.</summary>
    public const int HelloBytes = 1 + sizeof(int) + sizeof(long) + NonceBytes;

    /// <summary>Bytes of a leader's answer to it: its broker id, its nonce, its proof.</summary>
    public const int ChallengeBytes = sizeof(int) + NonceBytes + ProofBytes;

    private const byte Form = 1;

    /// <summary>What a follower says first.</summary>
    public static byte[] Hello(int brokerId, long brokerEpoch)
    {
        var hello = new byte[HelloBytes];
        hello[0] = Form;
        BinaryPrimitives.WriteInt32BigEndian(hello.AsSpan(1), brokerId);
        BinaryPrimitives.WriteInt64BigEndian(hello.AsSpan(1 + sizeof(int)), brokerEpoch);
        RandomNumberGenerator.Fill(hello.AsSpan(HelloBytes - NonceBytes));
        return hello;
    }

    /// <summary>Reads a hello; false where the bytes are none.</summary>
    public static bool TryReadHello(ReadOnlySpan<byte> hello, out int brokerId, out long brokerEpoch)
    {
        (brokerId, brokerEpoch) = (-1, -1);
        if (hello.Length != HelloBytes || hello[0] != Form)
            return false;

        brokerId = BinaryPrimitives.ReadInt32BigEndian(hello[1..]);
        brokerEpoch = BinaryPrimitives.ReadInt64BigEndian(hello[(1 + sizeof(int))..]);
        return brokerId >= 0 && brokerEpoch >= 0;
    }

    /// <summary>The leader's answer to a hello.</summary>
    public static byte[] Challenge(string secret, ReadOnlySpan<byte> hello, int leaderId)
    {
        var challenge = new byte[ChallengeBytes];
        BinaryPrimitives.WriteInt32BigEndian(challenge, leaderId);
        RandomNumberGenerator.Fill(challenge.AsSpan(sizeof(int), NonceBytes));
        Of(secret, "leader"u8, hello, challenge).CopyTo(challenge, ChallengeBytes - ProofBytes);
        return challenge;
    }

    /// <summary>Whether a challenge is of this leader, and of this cluster.</summary>
    public static bool IsChallengeOf(int leaderId, string secret, ReadOnlySpan<byte> hello, ReadOnlySpan<byte> challenge) =>
        challenge.Length == ChallengeBytes && BinaryPrimitives.ReadInt32BigEndian(challenge) == leaderId
        && CryptographicOperations.FixedTimeEquals(Of(secret, "leader"u8, hello, challenge), challenge[^ProofBytes..]);

    /// <summary>The follower's proof.</summary>
    public static byte[] OfFollower(string secret, ReadOnlySpan<byte> hello, ReadOnlySpan<byte> challenge) => Of(secret, "follower"u8, hello, challenge);

    private static byte[] Of(string secret, ReadOnlySpan<byte> role, ReadOnlySpan<byte> hello, ReadOnlySpan<byte> challenge)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.ASCII.GetBytes(secret));
        hash.AppendData(role);
        hash.AppendData(hello);
        hash.AppendData(challenge[..^ProofBytes]);
        return hash.GetHashAndReset();
    }
}
