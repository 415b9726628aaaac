namespace OrleansLog.Protocol.Tests;

public class ErrorCodesTests
{
    [Fact]
    public void Codes_run_from_minus_one_to_the_last_of_Kafka_4_1_without_a_hole()
    {
        Assert.Equal(Enumerable.Range(-1, 135), ErrorCodes.All.Select(code => (int)code));
        Assert.Equal(ErrorCodes.All.Order(), Enum.GetValues<ErrorCode>().Order());
    }

    [Fact]
    public void Every_name_is_the_enum_s_in_the_protocol_s_spelling()
    {
        foreach (ErrorCode code in ErrorCodes.All)
        {
            string pascal = string.Concat(code.KafkaName().Split('_').Select(word => word[..1] + word[1..].ToLowerInvariant()));
            Assert.Equal(code.ToString(), pascal);
            Assert.True(ErrorCodes.TryParse(code.KafkaName(), out ErrorCode found));
            Assert.Equal(code, found);
        }
    }

    [Fact]
    public void Every_description_is_one_sentence_of_its_own()
    {
        Assert.All(ErrorCodes.All, code => Assert.EndsWith(".", code.Describe(), StringComparison.Ordinal));
        Assert.Distinct(ErrorCodes.All.Select(code => code.Describe()));
    }

    // Numbers that clients see every day, and what they may do about them.
    [Theory]
    [InlineData(1, "OFFSET_OUT_OF_RANGE", false)]
    [InlineData(2, "CORRUPT_MESSAGE", true)]
    [InlineData(3, "UNKNOWN_TOPIC_OR_PARTITION", true)]
    [InlineData(6, "NOT_LEADER_OR_FOLLOWER", true)]
    [InlineData(10, "MESSAGE_TOO_LARGE", false)]
    [InlineData(17, "INVALID_TOPIC_EXCEPTION", false)]
    [InlineData(19, "NOT_ENOUGH_REPLICAS", true)]
    [InlineData(27, "REBALANCE_IN_PROGRESS", false)]
    [InlineData(35, "UNSUPPORTED_VERSION", false)]
    [InlineData(41, "NOT_CONTROLLER", true)]
    [InlineData(45, "OUT_OF_ORDER_SEQUENCE_NUMBER", false)]
    [InlineData(56, "KAFKA_STORAGE_ERROR", true)]
    [InlineData(74, "FENCED_LEADER_EPOCH", true)]
    [InlineData(87, "INVALID_RECORD", false)]
    [InlineData(100, "UNKNOWN_TOPIC_ID", true)]
    [InlineData(113, "STALE_MEMBER_EPOCH", false)]
    [InlineData(133, "SHARE_SESSION_LIMIT_REACHED", true)]
    public void Numbers_names_and_retriability_are_Kafka_s(int number, string name, bool isRetriable)
    {
        Assert.Equal(name, ((ErrorCode)number).KafkaName());
        Assert.Equal(isRetriable, ((ErrorCode)number).IsRetriable());
    }

    [Theory]
    [InlineData(-2)]
    [InlineData(134)]
    [InlineData(short.MaxValue)]
    public void A_number_of_the_future_is_an_unknown_error(int number)
    {
        var code = (ErrorCode)number;
        Assert.False(code.IsKnown());
        Assert.False(code.IsRetriable());
        Assert.Equal("UNKNOWN_SERVER_ERROR", code.KafkaName());
    }
}
