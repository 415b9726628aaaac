using OrleansLog.Protocol.Messages;

namespace OrleansLog.Protocol.Tests.Messages;

/// <summary>Every file of tests/golden/messages, whole: each message at each version, as Kafka 4.1.0's own code wrote it.</summary>
public class GoldenMessageTests
{
    public static TheoryData<string> Files => [.. GoldenMessage.Files];

    [Theory]
    [MemberData(nameof(Files))]
    public void Bytes_decode_to_the_golden_values_and_encode_to_the_same_bytes(string file)
    {
        var wrong = new List<string>();
        foreach (GoldenMessage golden in GoldenMessage.In(file))
        {
            IMessage? message = MessageCodec.Of(golden.TypeName).Read(golden.Bytes, golden.Version, out MessageFault fault);
            if (fault != MessageFault.None || message is null)
            {
                wrong.Add($"{golden}: {fault} in {golden.Hex} {golden.Json}");
                continue;
            }

            wrong.AddRange(JsonComparison.Differences(message, golden.Json).Select(difference => $"{golden}{difference}"));
            string hex = Convert.ToHexStringLower(MessageCodec.Write(message, golden.Version));
            if (hex != golden.Hex) wrong.Add($"{golden}: wrote {hex}, golden {golden.Hex}");
        }

        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong.Take(20)));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_new_message_has_the_golden_defaults(string file)
    {
        foreach (GoldenMessage golden in GoldenMessage.In(file).Where(golden => golden.Case == "default"))
        {
            string hex = Convert.ToHexStringLower(MessageCodec.Write(MessageCodec.Of(golden.TypeName).New(), golden.Version));
            Assert.True(golden.Hex == hex, $"{golden}: {hex}, golden {golden.Hex}");
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void All_golden_versions_are_declared(string file)
    {
        foreach (IGrouping<string, GoldenMessage> type in GoldenMessage.In(file).GroupBy(golden => golden.TypeName))
        {
            MessageCodec codec = MessageCodec.Of(type.Key);
            Assert.Equal(type.Min(golden => golden.Version), codec.Lowest);
            Assert.InRange(codec.Highest, type.Max(golden => golden.Version), type.Max(golden => golden.Version) + 1);
        }
    }
}
