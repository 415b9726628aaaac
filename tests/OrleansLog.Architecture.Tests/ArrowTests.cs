using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using ArchUnitNET.xUnit;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace OrleansLog.Architecture.Tests;

public class ArrowTests
{
    private static readonly ArchUnitNET.Domain.Architecture Architecture = new ArchLoader().LoadAssemblies(Rooms.Loaded).Build();

    public static TheoryData<string> AllRooms => [.. Rooms.MayKnow.Keys];

    [Theory]
    [MemberData(nameof(AllRooms))]
    public void A_room_uses_only_types_of_the_rooms_it_may_know(string room)
    {
        var strangers = Rooms.Loaded.Where(assembly => assembly.GetName().Name != room
            && !Rooms.MayKnow[room].Contains(assembly.GetName().Name)).ToArray();
        foreach (var stranger in strangers)
        {
            Types().That().ResideInAssembly(Rooms.Load(room))
                .Should().NotDependOnAny(Types().That().ResideInAssembly(stranger))
                .WithoutRequiringPositiveResults()
                .Check(Architecture);
        }
    }

    [Theory]
    [MemberData(nameof(AllRooms))]
    public void A_room_references_only_the_assemblies_it_may_know(string room)
    {
        var references = Rooms.Load(room).GetReferencedAssemblies().Select(name => name.Name!)
            .Where(Rooms.MayKnow.ContainsKey);
        Check.None(references.Except(Rooms.MayKnow[room]));
    }

    [Fact]
    public void No_library_references_what_runs_in_the_compiler()
    {
        Check.None(Rooms.Loaded.SelectMany(room => room.GetReferencedAssemblies()).Select(name => name.Name!).Intersect(Rooms.BuildTools));
    }

    [Fact]
    public void Every_library_of_the_repository_has_its_arrows_written_down()
    {
        var projects = new[] { "grains", "silo", "client" }
            .SelectMany(folder => TestKit.Repository.SourceFiles(folder, "*.csproj"))
            .Select(file => Path.GetFileNameWithoutExtension(file) is "OrleansLog.Cli" ? "olog" : Path.GetFileNameWithoutExtension(file));
        Check.None(projects.Except(Rooms.MayKnow.Keys).Except(Rooms.BuildTools));
    }
}
