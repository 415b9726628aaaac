using System.CommandLine;

namespace OrleansLog.Cli;

/// <summary>
/// <c>olog completion SHELL</c>: the script with which a shell asks <c>olog</c> itself what may come next. What that is, the parser knows:
/// its <c>[suggest:POSITION]</c> directive answers.
/// </summary>
internal static class CompletionCommand
{
    private const string Bash = """
        # olog in bash: eval "$(olog completion bash)", or this in ~/.bashrc
        _olog() {
            local line="${COMP_LINE:0:COMP_POINT}" word="${COMP_WORDS[COMP_CWORD]}" IFS=$'\n'
            line="olog${line#"${COMP_WORDS[0]}"}"
            COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" "[suggest:${#line}]" "$line" 2>/dev/null | grep -v '^/' | { [[ $word ]] && cat || grep -v '^-'; })" -- "$word"))
        }
        complete -o default -F _olog olog
        """;

    private const string Zsh = """
        #compdef olog
        # olog in zsh: eval "$(olog completion zsh)" behind compinit, or this as _olog in a directory of $fpath
        _olog() {
            local line="olog${BUFFER[1,CURSOR]#*${words[1]}}"
            local -a found=(${(f)"$(${words[1]} "[suggest:${#line}]" "$line" 2>/dev/null | grep -v '^/')"})
            [[ -n ${words[CURRENT]} ]] || found=(${found:#-*})
            (( ${#found} )) && compadd -- $found || _files
        }
        compdef _olog olog
        """;

    private const string Fish = """
        # olog in fish: olog completion fish > ~/.config/fish/completions/olog.fish
        function __olog_complete
            set -l line olog(string replace -r '^\s*\S+' '' -- (commandline -cp))
            set -l word (commandline -ct)
            set -l found (olog "[suggest:"(string length -- $line)"]" $line 2>/dev/null | string match -v -r '^/')
            if test -z "$word"
                set found (string match -v -r '^-' -- $found)
            end
            if test -n "$found"
                printf '%s\n' $found
            else
                __fish_complete_path $word
            end
        end
        complete -c olog -f -a '(__olog_complete)'
        """;

    private const string Pwsh = """
        # olog in PowerShell: olog completion pwsh | Out-String | Invoke-Expression, or this in $PROFILE
        Register-ArgumentCompleter -Native -CommandName olog -ScriptBlock {
            param($word, $ast, $position)
            $line = $ast.ToString().PadRight($position).Substring(0, $position)
            olog "[suggest:$position]" $line 2>$null | Where-Object { $_ -like "$word*" -and $_ -notlike '/*' } | ForEach-Object {
                [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
            }
        }
        """;

    public static Command Build(CommandContext context)
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh, fish or pwsh" };
        shell.CompletionSources.Add("bash", "zsh", "fish", "pwsh");
        shell.Validators.Add(static result =>
        {
            if (result.Tokens is [var token, ..] && ScriptOf(token.Value) is null)
            {
                result.AddError($"SHELL: '{token.Value}' is none of bash, zsh, fish, pwsh");
            }
        });
        var command = new Command("completion", "Write the script that completes olog's commands and options in a shell") { shell };
        return context.Run(command, invocation =>
        {
            invocation.Io.Text.WriteLine(ScriptOf(invocation.Get(shell)));
            return Task.FromResult(ExitCode.Ok);
        });
    }

    private static string? ScriptOf(string shell) => shell switch { "bash" => Bash, "zsh" => Zsh, "fish" => Fish, "pwsh" => Pwsh, _ => null };
}
