using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansLog.Kafka.Dispatch;
using OrleansLog.Protocol.Messages;
using OrleansLog.TestKit;
using RequestContext = OrleansLog.Kafka.Dispatch.RequestContext;

namespace OrleansLog.Kafka.Tests.Network;

/// <summary>The end of the listeners, when something in work does not end.</summary>
public sealed class StopTests
{
    private const int LongestStopMs = 20_000;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task What_hangs_at_being_asked_to_end_is_cut_after_the_grace_and_holds_nobody_else_up()
    {
        using var stuck = new StuckHandler();
        var polite = new PoliteHandler();
        using var log = new LogLines(LogLevel.Information);
        await using var broker = await KafkaBroker.StartAsync(
            log, services => services.AddSingleton<IApiHandler>(stuck).AddSingleton<IApiHandler>(polite));
        using var hanging = await broker.ConnectRawAsync();
        await hanging.SendAsync(new DescribeProducersRequestData(), 0);
        await stuck.Entered.Task;
        using var waiting = await broker.ConnectRawAsync();
        await waiting.SendAsync(new DescribeTransactionsRequestData(), 0);
        await polite.Entered.Task;

        var stopping = broker.StopAsync();
        await waiting.ReceiveAsync<DescribeTransactionsResponseData>(0);
        await waiting.AssertClosedAsync();
        Assert.False(stopping.IsCompleted);
        await stopping.WaitAsync(Patience);

        // What else the silo has to do in its stop is not the listeners' time.
        var said = Regex.Match(string.Join('\n', log.All), @"The listeners stopped in (\d+) ms: \d+ connections were open, 1 had to be cut");
        Assert.True(said.Success, string.Join('\n', log.All));
        Assert.InRange(int.Parse(said.Groups[1].Value, CultureInfo.InvariantCulture), 9_000, LongestStopMs);
    }

    /// <summary>Never answers, and blocks whoever tells it to end.</summary>
    private sealed class StuckHandler : ApiHandler<DescribeProducersRequestData, DescribeProducersResponseData>, IDisposable
    {
        private readonly ManualResetEventSlim _mayEnd = new();

        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Dispose() => _mayEnd.Set();

        protected override async ValueTask<DescribeProducersResponseData?> HandleAsync(DescribeProducersRequestData request, RequestContext context)
        {
            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = context.Aborted.Register(() =>
            {
                _mayEnd.Wait();
                ended.TrySetResult();
            });
            Entered.TrySetResult();
            await ended.Task;
            return new DescribeProducersResponseData();
        }

        protected override DescribeProducersResponseData Fail(DescribeProducersRequestData request, ErrorCode error) => new();
    }

    /// <summary>Answers when it is told to end.</summary>
    private sealed class PoliteHandler : ApiHandler<DescribeTransactionsRequestData, DescribeTransactionsResponseData>
    {
        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override async ValueTask<DescribeTransactionsResponseData?> HandleAsync(DescribeTransactionsRequestData request, RequestContext context)
        {
            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = context.Aborted.Register(() => ended.TrySetResult());
            Entered.TrySetResult();
            await ended.Task;
            return new DescribeTransactionsResponseData();
        }

        protected override DescribeTransactionsResponseData Fail(DescribeTransactionsRequestData request, ErrorCode error) => new();
    }
}
