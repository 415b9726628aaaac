using OrleansLog.Cluster.Member;
using OrleansLog.TestKit;
using OrleansLog.TestKit.Processes;

namespace OrleansLog.Cluster.Tests.Groups;

/// <summary>A member in a process of its own: it dies by kill -9, leaves on SIGTERM, and is stopped altogether when it stalls.</summary>
internal sealed class MemberProcess : IRunningMember
{
    private const int Stop = 19;
    private const int Continue = 18;

    private readonly ChildProcess _process;

    public MemberProcess(MemberSettings settings)
    {
        Settings = settings;
        _process = ChildProcess.Start("dotnet",
            [Repository.Built("tests/cluster/OrleansLog.Cluster.Member", "OrleansLog.Cluster.Member.dll"), settings.ToArgument()]);
        Ended = _process.WaitForExitAsync(Timeout.InfiniteTimeSpan);
    }

    public MemberSettings Settings { get; }

    public Task Ended { get; }

    public IReadOnlyCollection<GroupEvent> Events => [.. Lines.Select(GroupEvent.Parse).OfType<GroupEvent>()];

    public IEnumerable<string> Complaints => Lines.Where(line => GroupEvent.Parse(line) is null);

    private string[] Lines => _process.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public void Leave() => SignalIfAlive(Signals.Terminate);

    public void Die() => _process.KillAsync().GetAwaiter().GetResult();

    public void Stall() => SignalIfAlive(Stop);

    public void Resume() => SignalIfAlive(Continue);

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private void SignalIfAlive(int signal)
    {
        if (!_process.HasExited)
        {
            Signals.Send(_process.Id, signal);
        }
    }
}
