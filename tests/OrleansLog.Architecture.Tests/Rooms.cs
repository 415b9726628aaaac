using System.Reflection;

namespace OrleansLog.Architecture.Tests;

/// <summary>The libraries of the project and whom each may know (docs/internals/architecture.md).</summary>
internal static class Rooms
{
    /// <summary>Room -> the rooms it may reference directly or through others.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> MayKnow = new Dictionary<string, string[]>
    {
        ["OrleansLog.Protocol"] = [],
        ["OrleansLog.Abstractions"] = ["OrleansLog.Protocol"],
        ["OrleansLog.Log"] = ["OrleansLog.Protocol"],
        ["OrleansLog.Core"] = ["OrleansLog.Protocol", "OrleansLog.Log"],
        ["OrleansLog.Grains"] = ["OrleansLog.Protocol", "OrleansLog.Log", "OrleansLog.Core", "OrleansLog.Abstractions"],
        ["OrleansLog.Kafka"] =
            ["OrleansLog.Protocol", "OrleansLog.Log", "OrleansLog.Core", "OrleansLog.Abstractions", "OrleansLog.Grains"],
        ["OrleansLog.Hosting"] =
            ["OrleansLog.Protocol", "OrleansLog.Log", "OrleansLog.Core", "OrleansLog.Abstractions", "OrleansLog.Grains",
             "OrleansLog.Kafka"],
        ["OrleansLog.Silo"] =
            ["OrleansLog.Protocol", "OrleansLog.Log", "OrleansLog.Core", "OrleansLog.Abstractions", "OrleansLog.Grains",
             "OrleansLog.Kafka", "OrleansLog.Hosting"],
        ["OrleansLog.Client"] = ["OrleansLog.Protocol", "OrleansLog.Abstractions"],
        ["OrleansLog.Testing"] =
            ["OrleansLog.Protocol", "OrleansLog.Log", "OrleansLog.Core", "OrleansLog.Abstractions", "OrleansLog.Grains",
             "OrleansLog.Kafka", "OrleansLog.Hosting", "OrleansLog.Client"],
        ["olog"] = ["OrleansLog.Protocol", "OrleansLog.Abstractions", "OrleansLog.Client", "OrleansLog.Log"],
    };

    /// <summary>Rules without a clock, a thread, a socket or a file of their own.</summary>
    public static readonly string[] Pure = ["OrleansLog.Protocol", "OrleansLog.Log", "OrleansLog.Core"];

    /// <summary>Projects that run inside the compiler only; no other may reference what is in them.</summary>
    public static readonly string[] BuildTools = ["OrleansLog.Protocol.Generator"];

    public static readonly Assembly[] Loaded = [.. MayKnow.Keys.Select(Assembly.Load)];

    public static Assembly Load(string room) => Loaded.Single(assembly => assembly.GetName().Name == room);
}
