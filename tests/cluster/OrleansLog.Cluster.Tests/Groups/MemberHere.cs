using System.Collections.Concurrent;
using OrleansLog.Cluster.Member;
using OrleansLog.TestKit;

namespace OrleansLog.Cluster.Tests.Groups;

/// <summary>A member on a thread of this process. When it dies its client is torn down without a word to the group.</summary>
internal sealed class MemberHere : IRunningMember
{
    private readonly ConcurrentQueue<GroupEvent> _events = new();
    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly CancellationTokenSource _leave = new();
    private readonly CancellationTokenSource _abandon = new();
    private readonly IGroupMember _member;

    public MemberHere(MemberSettings settings)
    {
        Settings = settings;
        _member = IGroupMember.Create(settings, _events.Enqueue, _complaints.Enqueue);
        Ended = OwnThread.RunAsync(() => _member.Run(_leave.Token, _abandon.Token));
    }

    public MemberSettings Settings { get; }

    public Task Ended { get; }

    public IReadOnlyCollection<GroupEvent> Events => _events;

    public IEnumerable<string> Complaints => _complaints;

    public void Leave() => _leave.Cancel();

    public void Die() => _abandon.Cancel();

    public void Stall() => _member.Stall();

    public void Resume() => _member.Resume();

    public async ValueTask DisposeAsync()
    {
        await _abandon.CancelAsync();
        if (!Settings.IsSdk && !await Until.ItIsAsync(() => Ended.IsCompleted, Librdkafka.Patience))
        {
            return;
        }

        await Ended.WaitAsync(Librdkafka.Patience);
        _member.Dispose();
        _leave.Dispose();
        _abandon.Dispose();
    }
}
