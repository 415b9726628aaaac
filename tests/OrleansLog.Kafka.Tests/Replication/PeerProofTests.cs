using OrleansLog.Kafka.Replication;

namespace OrleansLog.Kafka.Tests.Replication;

/// <summary>What two brokers say to each other before a record travels (D13).</summary>
public class PeerProofTests
{
    private const string Secret = "00112233445566778899aabbccddeeff";

    [Fact]
    public void Both_sides_are_convinced_where_both_have_the_secret()
    {
        var hello = PeerProof.Hello(2, 40);
        Assert.True(PeerProof.TryReadHello(hello, out var id, out var epoch));
        Assert.Equal((2, 40L), (id, epoch));

        var challenge = PeerProof.Challenge(Secret, hello, leaderId: 1);
        Assert.True(PeerProof.IsChallengeOf(1, Secret, hello, challenge));
        Assert.Equal(PeerProof.OfFollower(Secret, hello, challenge), PeerProof.OfFollower(Secret, hello, challenge));
    }

    [Fact]
    public void Nothing_convinces_that_was_said_by_another_or_at_another_time()
    {
        var hello = PeerProof.Hello(2, 40);
        var challenge = PeerProof.Challenge(Secret, hello, leaderId: 1);

        Assert.False(PeerProof.IsChallengeOf(3, Secret, hello, challenge));
        Assert.False(PeerProof.IsChallengeOf(1, "another", hello, challenge));
        Assert.False(PeerProof.IsChallengeOf(1, Secret, PeerProof.Hello(2, 40), challenge));
        Assert.False(PeerProof.IsChallengeOf(1, Secret, hello, challenge.AsSpan(1)));
        Assert.NotEqual(PeerProof.OfFollower(Secret, hello, challenge), PeerProof.OfFollower(Secret, hello, PeerProof.Challenge(Secret, hello, 1)));

        // What the leader proves cannot be sent back to it as the follower's proof.
        Assert.NotEqual(PeerProof.OfFollower(Secret, hello, challenge), challenge[^PeerProof.ProofBytes..]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(PeerProof.HelloBytes - 1)]
    [InlineData(PeerProof.HelloBytes + 1)]
    public void A_hello_of_another_length_is_none(int bytes) => Assert.False(PeerProof.TryReadHello(new byte[bytes], out _, out _));

    [Fact]
    public void A_hello_of_another_form_or_of_nobody_is_none()
    {
        var form = PeerProof.Hello(2, 40);
        form[0]++;
        Assert.False(PeerProof.TryReadHello(form, out _, out _));
        Assert.False(PeerProof.TryReadHello(PeerProof.Hello(-1, 40), out _, out _));
        Assert.False(PeerProof.TryReadHello(PeerProof.Hello(2, -1), out _, out _));
    }
}
