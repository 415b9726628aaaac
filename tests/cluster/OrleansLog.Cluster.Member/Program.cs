using System.Globalization;
using System.Runtime.InteropServices;
using OrleansLog.Cluster.Member;

if (args is [BlockedHost.Argument, var port])
{
    await using var answers = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
    BlockedHost.Run(int.Parse(port, CultureInfo.InvariantCulture), Console.In, answers);
    return;
}

// A member in a process of its own, so that it can be killed. Its history goes to the output, line by line, before it does the next thing;
// SIGTERM makes it leave the group.
using var leave = new CancellationTokenSource();
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
{
    signal.Cancel = true;
    leave.Cancel();
});
await using var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
using var member = IGroupMember.Create(MemberSettings.FromArgument(args[0]), happened => output.WriteLine(happened.ToLine()), output.WriteLine);
member.Run(leave.Token, CancellationToken.None);
