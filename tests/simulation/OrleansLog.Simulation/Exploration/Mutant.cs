namespace OrleansLog.Simulation;

/// <summary>
/// One rule of the product broken in one place. A file of <c>tests/simulation/mutants</c> has a title, the source file, the exact text, and what
/// takes its place:
/// <code>
/// # what is broken
/// file: grains/OrleansLog.Core/...
/// -----
/// the text, as it stands once in the file
/// =====
/// what takes its place
/// </code>
/// </summary>
/// <param name="Name">Name of the file.</param>
/// <param name="Title">What is broken.</param>
/// <param name="File">The source file, from the repository's root.</param>
/// <param name="Text">What stands there once.</param>
/// <param name="Replacement">What takes its place.</param>
internal sealed record Mutant(string Name, string Title, string File, string Text, string Replacement)
{
    private const string TitleMark = "# ";
    private const string FileMark = "file: ";

    public static Mutant Read(string path)
    {
        var lines = System.IO.File.ReadAllLines(path);
        var from = Array.IndexOf(lines, "-----");
        var to = Array.IndexOf(lines, "=====");
        if (from < 2 || to < from || !lines[0].StartsWith(TitleMark, StringComparison.Ordinal) || !lines[1].StartsWith(FileMark, StringComparison.Ordinal))
            throw new FormatException($"{path} is not a mutant: a title, a file, a line of -----, the text, a line of =====, the replacement");

        return new(
            Path.GetFileNameWithoutExtension(path), lines[0][TitleMark.Length..], lines[1][FileMark.Length..],
            string.Join('\n', lines[(from + 1)..to]), string.Join('\n', lines[(to + 1)..]));
    }

    /// <summary>How often the text stands in the file.</summary>
    public int Occurrences(string root)
    {
        var source = System.IO.File.ReadAllText(Path.Combine(root, File));
        var count = 0;
        for (var at = source.IndexOf(Text, StringComparison.Ordinal); at >= 0; at = source.IndexOf(Text, at + 1, StringComparison.Ordinal))
            count++;

        return count;
    }

    /// <summary>Breaks the rule in a copy of the sources.</summary>
    public void Apply(string root)
    {
        if (Occurrences(root) != 1)
            throw new FormatException($"{Name}: its text does not stand once in {File}");

        var path = Path.Combine(root, File);
        System.IO.File.WriteAllText(path, System.IO.File.ReadAllText(path).Replace(Text, Replacement, StringComparison.Ordinal));
    }
}
