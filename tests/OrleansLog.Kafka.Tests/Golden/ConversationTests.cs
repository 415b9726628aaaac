using OrleansLog.Protocol.Messages;
using Xunit.Abstractions;

namespace OrleansLog.Kafka.Tests.Golden;

/// <summary>
/// tests/golden/frames: whole conversations of eight clients with Apache Kafka 4.1.0, replayed here. They show what each client is used
/// to getting: error codes, nulls, sentinels.
/// </summary>
public sealed class ConversationTests(ITestOutputHelper output)
{
    public static TheoryData<string> Clients => [.. RecordedExchange.Clients];

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task Every_recorded_request_gets_an_answer_of_the_recorded_shape(string client)
    {
        await using var broker = await KafkaBroker.StartAsync(RecordedBroker.Settings);
        using var conversation = new Conversation(broker, RecordedExchange.Of(client));

        var differences = await conversation.ReplayAsync();

        output.WriteLine(string.Join(", ", conversation.Compared.Select(api => $"{api.Key} {api.Value}")));
        Assert.True(differences.Count == 0, $"{differences.Count} differences:\n{string.Join('\n', differences.Take(400))}");
    }
}
