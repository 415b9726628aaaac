using OrleansLog.TestKit;
using OrleansLog.TestKit.Processes;

namespace OrleansLog.Cli.Tests;

/// <summary>The scripts of <c>olog completion</c> in the shells themselves, where they are there.</summary>
public sealed class CompletionTests : IDisposable
{
    private static readonly string Olog = Repository.Built("client/OrleansLog.Cli", "olog.dll");

    private readonly TempDirectory _directory = new("completion");

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("olog to", "topic")]
    [InlineData("olog topic ", "alter create delete describe list")]
    [InlineData("olog topic create x --p", "--partitions")]
    [InlineData("olog produce t -z ", "gzip lz4 none snappy zstd")]
    [InlineData("olog completion ", "bash fish pwsh zsh")]
    [InlineData("olog frobnicate x", "")]
    public async Task Bash_offers_what_may_come_next(string line, string expected)
    {
        var script = await ScriptAsync("bash");
        var result = await ChildProcess.RunAsync("bash", ["-c", $$"""
            olog() { dotnet {{Olog}} "$@"; }
            source {{script}}
            COMP_LINE='{{line}}' COMP_POINT={{line.Length}}
            read -ra COMP_WORDS <<<"$COMP_LINE"
            [[ $COMP_LINE == *' ' ]] && COMP_WORDS+=("")
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _olog
            echo "${COMPREPLY[*]}"
            """]);
        Assert.Equal((expected, ""), (result.Output.Trim(), result.StandardError));
    }

    [ShellTheory("fish")]
    [InlineData("olog to", "topic")]
    [InlineData("olog topic ", "alter create delete describe list")]
    [InlineData("olog topic create x --p", "--partitions")]
    public async Task Fish_offers_what_may_come_next(string line, string expected)
    {
        var script = await ScriptAsync("fish");
        var result = await ChildProcess.RunAsync("fish", ["--no-config", "-c", $"function olog; dotnet {Olog} $argv; end; source {script}; complete -C '{line}' | string join ' '"]);
        Assert.Equal(expected, result.Output.Trim());
    }

    [ShellTheory("zsh")]
    [InlineData("olog to", "olog topic")]
    [InlineData("olog topic cr", "olog topic create")]
    [InlineData("olog topic create x --pa", "olog topic create x --partitions")]
    public async Task Zsh_completes_what_was_begun(string line, string expected)
    {
        var script = await ScriptAsync("zsh");

        // Completion lives in zsh's line editor: a zsh with a terminal of its own, whose line is printed when it is complete.
        var result = await ChildProcess.RunAsync("zsh", ["-f", "-c", $$"""
            zmodload zsh/zpty
            zpty inner "zsh -f -i"
            zpty -w inner "PS1= PS2= RPS1=; unsetopt prompt_sp; olog() { dotnet {{Olog}} \"\$@\" }; autoload -Uz compinit; compinit -u -D; source {{script}}"
            zpty -w inner "show() { zle -I; print -r -- \"line<\$BUFFER>\"; exit }; zle -N show; bindkey '^X' show; print re''ady"
            while zpty -r inner text; do [[ $text == *ready* ]] && break; done
            zpty -wn inner "{{line}}"$'\t\x18'
            while zpty -r inner text; do [[ $text == *line\<* ]] && print -r -- "$text" && break; done
            """]);
        Assert.Contains($"line<{expected}", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    [InlineData("pwsh")]
    public async Task Every_script_asks_olog_itself(string shell) =>
        Assert.Contains("[suggest:", (await CliHarness.RunAsync("completion", shell)).Succeeded().Text, StringComparison.Ordinal);

    [Fact]
    public async Task Another_shell_is_refused() =>
        (await CliHarness.RunAsync("completion", "tcsh")).Failed(ExitCode.Usage, "SHELL: 'tcsh' is none of bash, zsh, fish, pwsh");

    private async Task<string> ScriptAsync(string shell)
    {
        var path = _directory.Combine("script");
        await File.WriteAllBytesAsync(path, (await CliHarness.RunAsync("completion", shell)).Succeeded().Output);
        return path;
    }

    /// <summary>A test that needs a shell; skipped where it is not installed.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    private sealed class ShellTheoryAttribute : TheoryAttribute
    {
        public ShellTheoryAttribute(string shell)
        {
            if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(directory => File.Exists(Path.Combine(directory, shell))))
            {
                Skip = $"{shell} is not installed";
            }
        }
    }
}
