namespace OrleansLog.TestKit.Processes;

/// <summary>What <c>olog</c> is told in tests.</summary>
public static class OlogArguments
{
    /// <summary>Time to connect also on a machine that is busy; 10 s else, which a user at a terminal would not want longer.</summary>
    public static readonly string[] Patient = ["--connect-timeout", "120s"];
}
