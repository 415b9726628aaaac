using Mono.Cecil;

namespace OrleansLog.Architecture.Tests;

/// <summary>
/// Protocol, Log and Core get time, randomness and the disk handed in (D10), so that a simulation can run them. The compiled
/// code is searched, instruction by instruction: a comment cannot trip this, a using alias cannot hide from it.
/// </summary>
public class PurityTests
{
    public static TheoryData<string> PureRooms => [.. Rooms.Pure];

    private static readonly string[] ForeignAssemblies = ["Orleans", "Microsoft.Orleans", "Microsoft.AspNetCore", "Microsoft.Extensions"];

    private static readonly string[] ForbiddenNamespaces =
        ["System.Net.Sockets", "System.Net.Http", "System.Net.Security", "System.Threading.Channels", "System.Timers",
         "Microsoft.AspNetCore", "Orleans"];

    private static readonly HashSet<string> ForbiddenTypes =
    [
        "System.Threading.Thread", "System.Threading.ThreadPool", "System.Threading.Timer", "System.Threading.PeriodicTimer",
        "System.TimeProvider", "System.Diagnostics.Stopwatch", "System.Diagnostics.Process", "System.Console",
        "System.IO.File", "System.IO.FileStream", "System.IO.FileInfo", "System.IO.Directory", "System.IO.DirectoryInfo",
        "System.IO.RandomAccess", "System.Security.Cryptography.RandomNumberGenerator",
    ];

    private static readonly HashSet<string> ForbiddenMembers =
    [
        "System.DateTime::get_Now", "System.DateTime::get_UtcNow", "System.DateTime::get_Today",
        "System.DateTimeOffset::get_Now", "System.DateTimeOffset::get_UtcNow",
        "System.Environment::get_TickCount", "System.Environment::get_TickCount64",
        "System.Threading.Tasks.Task::Delay", "System.Threading.Tasks.Task::Run", "System.Threading.Tasks.TaskFactory::StartNew",
        "System.Random::get_Shared", "System.Guid::NewGuid", "System.Guid::CreateVersion7",
    ];

    [Theory]
    [MemberData(nameof(PureRooms))]
    public void A_pure_room_references_no_framework(string room)
    {
        var foreign = Rooms.Load(room).GetReferencedAssemblies().Select(name => name.Name!)
            .Where(name => ForeignAssemblies.Any(prefix => name == prefix || name.StartsWith(prefix + ".", StringComparison.Ordinal)));
        Check.None(foreign);
    }

    [Theory]
    [MemberData(nameof(PureRooms))]
    public void A_pure_room_has_no_clock_no_thread_no_socket_no_file_and_no_dice(string room)
    {
        using var module = ModuleDefinition.ReadModule(Rooms.Load(room).Location);
        Check.None(Offences(module));
    }

    /// <summary>"Type.Method uses X" for everything that the lists above forbid.</summary>
    internal static IEnumerable<string> Offences(ModuleDefinition module) =>
        from type in module.GetTypes()
        from method in type.Methods
        where method.HasBody
        from instruction in method.Body.Instructions
        let use = Forbidden(instruction.Operand)
        where use is not null
        select $"{type.FullName}.{method.Name} uses {use}";

    private static string? Forbidden(object? operand) => operand switch
    {
        // new Random() seeds itself from the clock; new Random(seed) is somebody's seed.
        MethodReference { Name: ".ctor", DeclaringType.FullName: "System.Random", Parameters.Count: 0 } => "new System.Random()",
        MemberReference { DeclaringType: { } type } member when ForbiddenMembers.Contains($"{type.FullName}::{member.Name}")
            => $"{type.FullName}.{member.Name}",
        MemberReference { DeclaringType: { } type } when IsForbidden(type) => type.FullName,
        TypeReference type when IsForbidden(type) => type.FullName,
        _ => null,
    };

    private static bool IsForbidden(TypeReference type)
    {
        var element = type.GetElementType();
        return ForbiddenTypes.Contains(element.FullName) || ForbiddenNamespaces.Any(space =>
            element.Namespace == space || element.Namespace.StartsWith(space + ".", StringComparison.Ordinal));
    }
}
