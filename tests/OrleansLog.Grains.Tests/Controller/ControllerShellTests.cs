using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using OrleansLog.Core.Configuration;
using OrleansLog.Core.Controller;

namespace OrleansLog.Grains.Tests.Controller;

public sealed class ControllerShellTests : IAsyncLifetime
{
    private readonly InMemoryMetadataStore _store = new();
    private readonly FakeTimeProvider _time = new();
    private readonly List<ControllerShell> _started = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var shell in _started)
        {
            await shell.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_new_controller_first_appends_its_epoch()
    {
        var first = await StartAsync();
        var second = await StartAsync();

        Assert.Equal((1, 2), (first.ControllerEpoch, second.ControllerEpoch));
        Assert.Equal(2, _store.Versions.Count);
        Assert.Equal(first.Committed.ClusterId, second.Committed.ClusterId);
    }

    [Fact]
    public async Task Of_two_controllers_on_one_log_the_later_wins_and_the_earlier_steps_down_at_its_next_append()
    {
        var earlier = await StartAsync();
        var later = await StartAsync();

        await Assert.ThrowsAsync<ControllerSteppedDownException>(() => RegisterAsync(earlier, 1));
        await earlier.SteppedDown;
        await Assert.ThrowsAsync<ControllerSteppedDownException>(() => RegisterAsync(earlier, 1));
        Assert.Equal(ErrorCode.None, (await RegisterAsync(later, 1)).Error);
    }

    [Fact]
    public async Task A_broker_that_waits_for_news_is_sent_to_the_next_controller_when_this_one_leaves()
    {
        var shell = await StartAsync();
        var waiting = shell.TailAsync(shell.Committed.Version, TimeSpan.FromHours(1));
        Assert.False(waiting.IsCompleted);

        shell.Leave();

        await Assert.ThrowsAsync<ControllerSteppedDownException>(() => waiting);
        await Assert.ThrowsAsync<ControllerSteppedDownException>(() => RegisterAsync(shell, 1));
        await shell.SteppedDown;
    }

    [Fact]
    public async Task A_controller_that_was_replaced_does_not_call_itself_the_head()
    {
        var earlier = await StartAsync();
        Assert.True(await earlier.VerifyHeadAsync());

        await StartAsync();
        Assert.False(await earlier.VerifyHeadAsync());
        await earlier.SteppedDown;
    }

    [Fact]
    public async Task A_controller_that_has_nothing_to_write_finds_out_within_a_second_that_it_was_replaced()
    {
        var earlier = await StartAsync();
        await StartAsync();

        _time.Advance(TimeSpan.FromSeconds(1));

        await earlier.SteppedDown;
    }

    [Fact]
    public async Task Of_two_controllers_that_start_at_the_same_moment_one_wins()
    {
        var bothAreReady = new Barrier(2);
        _store.BeforeAppend = () => Task.Run(bothAreReady.SignalAndWait);
        var results = await Task.WhenAll(Task.Run(TryStartAsync), Task.Run(TryStartAsync));
        _store.BeforeAppend = () => Task.CompletedTask;

        Assert.Single(results, won => won);

        async Task<bool> TryStartAsync()
        {
            try
            {
                await StartAsync();
                return true;
            }
            catch (ControllerSteppedDownException)
            {
                return false;
            }
        }
    }

    [Fact]
    public async Task No_answer_is_given_before_its_decision_is_persisted()
    {
        var shell = await StartAsync();
        var release = new TaskCompletionSource();
        _store.BeforeAppend = () => release.Task;

        var answer = RegisterAsync(shell, 1);
        Assert.False(answer.IsCompleted);
        Assert.Null(shell.Committed.FindBroker(1));

        release.SetResult();
        Assert.Equal(ErrorCode.None, (await answer).Error);
        Assert.NotNull(shell.Committed.FindBroker(1));
    }

    [Fact]
    public async Task Decisions_that_come_while_an_append_runs_share_the_next_one()
    {
        var shell = await StartAsync();
        var release = new TaskCompletionSource();
        _store.BeforeAppend = () => release.Task;
        var answers = Enumerable.Range(1, 50).Select(id => RegisterAsync(shell, id)).ToArray();

        release.SetResult();
        await Task.WhenAll(answers);

        Assert.InRange(_store.Versions.Count, 2, 3);
    }

    [Fact]
    public async Task An_append_that_took_effect_and_then_failed_is_found_by_the_next_controller()
    {
        var shell = await StartAsync();
        _store.AfterAppend = () => throw new IOException("the connection broke");

        await Assert.ThrowsAsync<ControllerSteppedDownException>(() => RegisterAsync(shell, 1));
        _store.AfterAppend = () => Task.CompletedTask;
        var next = await StartAsync();

        Assert.NotNull(next.Committed.FindBroker(1));
        Assert.Equal(2, next.ControllerEpoch);
    }

    [Fact]
    public async Task An_append_that_failed_leaves_nothing_behind()
    {
        var shell = await StartAsync();
        _store.BeforeAppend = () => throw new IOException("the database is down");

        await Assert.ThrowsAsync<ControllerSteppedDownException>(() => RegisterAsync(shell, 1));
        _store.BeforeAppend = () => Task.CompletedTask;

        Assert.Null((await StartAsync()).Committed.FindBroker(1));
    }

    [Fact]
    public async Task A_storage_that_does_not_answer_the_head_check_does_not_end_the_controller()
    {
        var shell = await StartAsync();
        var asked = new TaskCompletionSource();
        _store.BeforeHeadCheck = () =>
        {
            asked.TrySetResult();
            throw new IOException("the database is down");
        };

        _time.Advance(TimeSpan.FromSeconds(1));
        await asked.Task;
        _store.BeforeHeadCheck = () => Task.CompletedTask;

        Assert.Equal(ErrorCode.None, (await RegisterAsync(shell, 1)).Error);
    }

    [Fact]
    public async Task A_broker_that_waits_hears_of_the_next_version_at_once()
    {
        var shell = await StartAsync();
        var waiting = shell.TailAsync(shell.Committed.Version, TimeSpan.FromSeconds(3));
        Assert.False(waiting.IsCompleted);

        await RegisterAsync(shell, 1);

        Assert.Equal(2, Assert.Single((await waiting).Entries).Version);
    }

    [Fact]
    public async Task A_wait_without_news_ends_empty()
    {
        var shell = await StartAsync();
        var waiting = shell.TailAsync(shell.Committed.Version, TimeSpan.FromSeconds(3));

        _time.Advance(TimeSpan.FromSeconds(3));

        Assert.Empty((await waiting).Entries);
    }

    [Fact]
    public async Task A_session_that_runs_out_fences_its_broker_without_anybody_asking()
    {
        var shell = await StartAsync();
        var epoch = (await RegisterAsync(shell, 1)).BrokerEpoch;
        await shell.DecideAsync((state, nowMs) => state.BrokerAlive(new BrokerAlive { Id = 1, BrokerEpoch = epoch, AppliedVersion = epoch }, nowMs));
        Assert.False(shell.Committed.Brokers[1].Fenced);

        for (var passed = 0; passed < 9; passed++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        await shell.TailAsync(3, TimeSpan.FromHours(1));
        Assert.True(shell.Committed.Brokers[1].Fenced);
    }

    [Fact]
    public async Task A_controller_starts_from_a_snapshot_and_a_broker_that_is_far_behind_gets_one()
    {
        var shell = await StartAsync();
        for (var i = 0; i < 600; i++)
        {
            await RegisterAsync(shell, i);
        }

        Assert.NotNull(_store.Snapshot);
        var next = await StartAsync();
        var page = await next.TailAsync(0, TimeSpan.Zero);
        var image = MetadataImage.FromSnapshot(page.Snapshot!.Version, MetadataRecordCodec.Decode(page.Snapshot.Payload).Records);

        Assert.Equal(next.Committed.Version, image.Version);
        Assert.Equal(600, image.Brokers.Count);
        Assert.Equal(next.ControllerEpoch, image.ControllerEpoch);
    }

    [Fact]
    public async Task A_snapshot_that_fails_is_tried_again_with_the_next_version_and_by_the_next_controller()
    {
        var shell = await StartAsync();
        _store.BeforeSnapshot = () => throw new IOException("the row is too long today");
        for (var i = 0; i < 300; i++)
        {
            await RegisterAsync(shell, i);
        }

        Assert.Null(_store.Snapshot);
        _store.BeforeSnapshot = () => Task.CompletedTask;
        var next = await StartAsync();
        Assert.Equal(301, _store.Snapshot!.Version);
        Assert.Equal(300, next.Committed.Brokers.Count);
    }

    private async Task<ControllerShell> StartAsync()
    {
        var settings = new ControllerSettings { Config = BrokerConfig.Parse(new Dictionary<string, string>()).Value, NewId = Guid.NewGuid };
        var shell = new ControllerShell(_store.Open(), settings, _time, NullLogger.Instance);
        lock (_started)
        {
            _started.Add(shell);
        }

        await shell.StartAsync("127.0.0.1:11111@1", Guid.NewGuid().ToString("N")[..22], static _ => Task.FromResult(true), CancellationToken.None);
        return shell;
    }

    private static Task<RegisterBrokerAnswer> RegisterAsync(ControllerShell shell, int id) => shell.DecideAsync((state, nowMs) => state.RegisterBroker(
        new RegisterBroker { Id = id, IncarnationId = Guid.NewGuid(), SiloAddress = $"127.0.0.1:{id}@1", Directories = [Guid.NewGuid()] }, nowMs));
}
