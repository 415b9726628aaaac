using System.Text.RegularExpressions;
using System.Xml.Linq;
using OrleansLog.TestKit;

namespace OrleansLog.Architecture.Tests;

public partial class TidinessTests
{
    private static readonly string[] ProductFolders = ["grains", "silo", "client"];

    /// <summary>Files over 400 lines, each with its reason. A new one belongs here only when it holds one idea.</summary>
    private static readonly Dictionary<string, string> LongOnPurpose = new(StringComparer.Ordinal)
    {
        ["grains/OrleansLog.Protocol/ErrorCode.cs"] = "one enum, a line of documentation for each of its members",
    };

    [Fact]
    public void A_grain_is_a_thin_shell_of_under_200_lines()
    {
        var files = Repository.SourceFiles("grains/OrleansLog.Grains").Where(file => GrainClass().IsMatch(File.ReadAllText(file)));
        Check.None(LongerThan(200, files));
    }

    [Fact]
    public void A_file_holds_one_idea_in_at_most_400_lines()
    {
        var files = ProductFolders.Append("tests").SelectMany(folder => Repository.SourceFiles(folder));
        Check.None(LongerThan(400, files).Where(line => !LongOnPurpose.ContainsKey(line.Split(':')[0])));
    }

    [Fact]
    public void Nothing_is_left_for_later_in_the_code()
    {
        var left = from folder in ProductFolders.Append("tests")
                   from file in Repository.SourceFiles(folder)
                   where Path.GetFileName(file) != $"{nameof(TidinessTests)}.cs"
                   from line in File.ReadLines(file).Select((text, index) => (Text: text, Number: index + 1))
                   where LeftOver().IsMatch(line.Text)
                   select $"{Repository.Relative(file)}:{line.Number}: {line.Text.Trim()}";
        Check.None(left);
    }

    [Fact]
    public void A_test_waits_for_an_event_and_never_sleeps()
    {
        var sleeps = from file in Repository.SourceFiles("tests")
                     where Path.GetFileName(file) != $"{nameof(TidinessTests)}.cs" && !file.Contains("/bench/", StringComparison.Ordinal)
                     from line in File.ReadLines(file).Select((text, index) => (Text: text, Number: index + 1))
                     where Sleep().IsMatch(line.Text)
                     select $"{Repository.Relative(file)}:{line.Number}: {line.Text.Trim()}";
        Check.None(sleeps);
    }

    // dotnet format finds this only with the whole solution loaded, which takes as long as a build.
    [Fact]
    public void Usings_are_in_order_those_of_System_first()
    {
        var unordered = from file in ProductFolders.Append("tests").SelectMany(folder => Repository.SourceFiles(folder))
                        let usings = File.ReadLines(file).Select(line => PlainUsing().Match(line)).Where(match => match.Success).Select(match => match.Groups[1].Value).ToArray()
                        let ordered = usings.OrderBy(name => name != "System" && !name.StartsWith("System.", StringComparison.Ordinal)).ThenBy(name => name, StringComparer.OrdinalIgnoreCase)
                        where !usings.SequenceEqual(ordered)
                        select $"{Repository.Relative(file)}: {string.Join(", ", usings)}";
        Check.None(unordered);
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = File.ReadAllText(Repository.PathOf("OrleansLog.sln")).Replace('\\', '/');
        var projects = ProductFolders.Append("tests").SelectMany(folder => Repository.SourceFiles(folder, "*.csproj"))
            .Select(Repository.Relative);
        Check.None(projects.Where(project => !solution.Contains(project, StringComparison.Ordinal)));
    }

    [Fact]
    public void A_library_that_ships_says_what_it_is_and_versions_come_from_one_file()
    {
        var projects = ProductFolders.SelectMany(folder => Repository.SourceFiles(folder, "*.csproj")).ToArray();
        Assert.NotEmpty(projects);
        foreach (var file in projects)
        {
            var project = XDocument.Load(file);
            Assert.DoesNotContain(project.Descendants("PackageReference"), reference => reference.Attribute("Version") is not null);
            if (project.Descendants("IsPackable").Any(value => value.Value == "true"))
            {
                Assert.True(project.Descendants("Description").Any(value => value.Value.Length > 20), $"{file} has no Description.");
            }
        }
    }

    private static IEnumerable<string> LongerThan(int most, IEnumerable<string> files) =>
        from file in files
        let lines = File.ReadLines(file).Count()
        where lines > most
        select $"{Repository.Relative(file)}: {lines} lines, at most {most}";

    [GeneratedRegex(@"class \w+[^\n{]*:\s*[^\n{]*\bGrain\b")]
    private static partial Regex GrainClass();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b|\bNotImplementedException\b|Skip\s*=\s*""")]
    private static partial Regex LeftOver();

    // A delay on a TimeProvider of the test's own is fake time.
    [GeneratedRegex(@"\bThread\.Sleep\(|\bTask\.Delay\((?!Timeout\.Infinite)(?!.*,\s*_?[tT]ime\b)")]
    private static partial Regex Sleep();

    [GeneratedRegex(@"^using ([\w.]+);")]
    private static partial Regex PlainUsing();
}
