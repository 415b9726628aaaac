using System.IO.Compression;
using System.Xml.Linq;
using OrleansLog.TestKit;
using OrleansLog.TestKit.Processes;

namespace OrleansLog.Cluster.Tests;

/// <summary>dotnet pack, looked at as its users do: what the packages say, and that olog installs and starts.</summary>
public class PackageTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task Every_package_says_what_it_is_and_brings_symbols_and_olog_installs_as_a_tool()
    {
        using var place = new TempDirectory("packages");
        await Dotnet("pack", Repository.PathOf("OrleansLog.sln"), "-c", Repository.Configuration, "--no-build", "-o", place.Path);

        var packages = Directory.GetFiles(place.Path, "*.nupkg").Order(StringComparer.Ordinal).ToArray();
        var packable = new[] { "grains", "silo", "client" }.SelectMany(folder => Repository.SourceFiles(folder, "*.csproj"))
            .Where(file => File.ReadAllText(file).Contains("<IsPackable>true</IsPackable>", StringComparison.Ordinal))
            .Select(Path.GetFileNameWithoutExtension);
        Assert.Equal(packable.Order(StringComparer.Ordinal), packages.Select(PackageId).Order(StringComparer.Ordinal));
        Assert.All(packages, SaysWhatItIs);

        await InstallAndRunOlog(place);
    }

    private static async Task InstallAndRunOlog(TempDirectory place)
    {
        var tools = place.Combine("tools");
        await Dotnet("tool", "install", "OrleansLog.Cli", "--tool-path", tools, "--source", place.Path);
        var help = await ChildProcess.RunAsync(Path.Combine(tools, "olog"), ["--help"], within: Patience);
        Assert.Contains("consume", help.MustSucceed().Output, StringComparison.Ordinal);
    }

    private static void SaysWhatItIs(string package)
    {
        using var archive = ZipFile.OpenRead(package);
        var nuspec = archive.Entries.Single(entry => entry.Name.EndsWith(".nuspec", StringComparison.Ordinal));
        using var stream = nuspec.Open();
        var metadata = XDocument.Load(stream).Root!.Elements().First();
        string Value(string name) => metadata.Elements().FirstOrDefault(element => element.Name.LocalName == name)?.Value ?? "";

        Assert.True(Value("description").Length > 20, $"{package}: description");
        Assert.Equal("MIT", Value("license"));
        Assert.Equal("README.md", Value("readme"));
        Assert.NotEmpty(Value("authors"));
        Assert.NotEmpty(Value("tags"));
        Assert.Contains(archive.Entries, entry => entry.FullName == "README.md");
        HasSymbols(package, archive);
    }

    private static void HasSymbols(string package, ZipArchive archive)
    {
        using var symbols = ZipFile.OpenRead(Path.ChangeExtension(package, ".snupkg"));
        var assembly = archive.Entries.First(entry => entry.Name is var name && name.EndsWith(".dll", StringComparison.Ordinal)
            && (name.StartsWith(PackageId(package), StringComparison.Ordinal) || name == "olog.dll"));
        Assert.Contains(symbols.Entries, entry => entry.Name == Path.ChangeExtension(assembly.Name, ".pdb"));
        if (assembly.Name != "olog.dll")
        {
            Assert.Contains(archive.Entries, entry => entry.Name == Path.ChangeExtension(assembly.Name, ".xml"));
        }
    }

    private static string PackageId(string package)
    {
        var name = Path.GetFileNameWithoutExtension(package);
        return name[..name.IndexOf(".0.", StringComparison.Ordinal)];
    }

    private static async Task Dotnet(params string[] arguments) =>
        (await ChildProcess.RunAsync("dotnet", arguments, Repository.Root, within: Patience)).MustSucceed();
}
