using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using OrleansLog.Kafka.Listening;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Tests.Network;

/// <summary>What a broker holds of requests, by its own count: read from a socket, and not answered.</summary>
internal static class HeldRequests
{
    private const int Looks = 100;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly int OtherBytes = BytesOf(RawClient.Frame(new ApiVersionsRequestData(), 0, 0));

    /// <summary>What a frame counts: all but its length.</summary>
    public static int BytesOf(byte[] frame) => frame.Length - sizeof(int);

    /// <summary>That the broker comes to hold so many bytes of requests, never more, and stays at it, while it answers somebody else at once.</summary>
    public static async Task AssertAsync(KafkaBroker broker, int leastBytes, int mostBytes)
    {
        var listeners = broker.Services.GetRequiredService<KafkaListeners>();
        using var other = await broker.ConnectRawAsync();
        var patience = Stopwatch.StartNew();
        var before = 0L;
        for (var looks = 0; looks < Looks;)
        {
            await other.AskAsync<ApiVersionsRequestData, ApiVersionsResponseData>(new(), 0);
            var held = listeners.RequestBytes;
            Assert.InRange(held, 0, mostBytes + OtherBytes);
            looks = held >= leastBytes && held == before ? looks + 1 : 0;
            before = held;
            Assert.True(patience.Elapsed < Patience, $"the broker holds {held} bytes of requests, and {leastBytes} were expected");
        }
    }
}
