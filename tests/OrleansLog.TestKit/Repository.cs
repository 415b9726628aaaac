namespace OrleansLog.TestKit;

/// <summary>Where the tests find the checkout they were built from, and what was built beside them.</summary>
public static class Repository
{
    /// <summary>The folder that holds OrleansLog.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Release or Debug: as the running tests were built.</summary>
    public static string Configuration { get; } =
        AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Debug{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
            ? "Debug" : "Release";

    /// <summary>True where <c>tests/run --long</c> asked for the long runs.</summary>
    public static bool LongRuns { get; } = Environment.GetEnvironmentVariable("ORLEANSLOG_TESTS_LONG") == "1";

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>The built assembly of a project, e.g. <c>silo/OrleansLog.Silo</c> and <c>OrleansLog.Silo.dll</c>.</summary>
    public static string Built(string projectFolder, string assembly)
    {
        var path = PathOf(projectFolder, "bin", Configuration, "net10.0", assembly);
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is not built; run dotnet build -c {Configuration}.");
    }

    /// <summary>Source files under a folder of the repository, without build output.</summary>
    public static IEnumerable<string> SourceFiles(string folder, string pattern = "*.cs")
    {
        var root = PathOf(folder);
        if (!Directory.Exists(root))
        {
            return [];
        }

        return Directory.EnumerateFiles(root, pattern, SearchOption.AllDirectories)
            .Where(file => !Relative(file).Split('/').Any(part => part is "bin" or "obj"))
            .Order(StringComparer.Ordinal);
    }

    /// <summary>A path as seen from the root, with forward slashes.</summary>
    public static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "OrleansLog.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"OrleansLog.sln was not found above {AppContext.BaseDirectory}.");
    }
}
