namespace OrleansLog.Hosting;

/// <summary>The numbered files of deploy/sql for one kind of database, in their order; they are embedded in this assembly.</summary>
internal sealed class SchemaScripts
{
    private readonly SchemaScript[] _scripts;

    private SchemaScripts(SchemaScript[] scripts) => _scripts = scripts;

    /// <summary>The schema's version when all of them are applied.</summary>
    public int Count => _scripts.Length;

    /// <summary>Reads the files of a kind of database.</summary>
    /// <param name="database">The folder's name under deploy/sql.</param>
    public static SchemaScripts Of(string database)
    {
        var assembly = typeof(SchemaScripts).Assembly;
        var prefix = database + "/";
        return new SchemaScripts([.. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name =>
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                return new SchemaScript(name[prefix.Length..], reader.ReadToEnd());
            })]);
    }

    /// <summary>What a database of an older version still needs.</summary>
    /// <param name="version">The database's version: how many files it has seen.</param>
    /// <param name="database">The database, for the message.</param>
    /// <exception cref="MetadataDatabaseException">The database is of a newer build.</exception>
    public IEnumerable<SchemaScript> After(long version, string database) => version <= _scripts.Length
        ? _scripts.Skip((int)version)
        : throw new MetadataDatabaseException($"{database} has schema {version}, this build knows up to {_scripts.Length}; run the newer build again");
}

/// <summary>One file.</summary>
internal sealed record SchemaScript(string Name, string Text);
