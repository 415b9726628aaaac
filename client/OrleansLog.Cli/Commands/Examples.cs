using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace OrleansLog.Cli;

/// <summary>What <c>--help</c> shows of a command behind its options: lines to copy.</summary>
internal static class Examples
{
    private static readonly Dictionary<string, string[]> Lines = new(StringComparer.Ordinal)
    {
        ["topic create"] = ["olog topic create orders --partitions 6 --replication-factor 3", "olog topic create audit -c retention.ms=-1 -c cleanup.policy=delete --if-not-exists"],
        ["topic list"] = ["olog topic list", "olog topic list --internal -o json"],
        ["topic describe"] = ["olog topic describe orders"],
        ["topic alter"] = ["olog topic alter orders --partitions 12 --dry-run", "olog topic alter orders -c retention.ms=3600000 --unset segment.bytes"],
        ["topic delete"] = ["olog topic delete orders --dry-run", "olog topic delete orders payments --if-exists --yes"],
        ["produce"] =
        [
            "echo hello | olog produce orders --create",
            "olog produce orders --file orders.txt --key-separator : --compression zstd",
            "olog consume orders --exit-at-end -o json | olog produce copy -i json",
        ],
        ["consume"] =
        [
            "olog consume orders",
            "olog consume orders --from -10 --exit-at-end",
            "olog consume orders --from 2026-11-23T14:00:00Z --max-messages 100 -o json",
            """olog consume orders --format "%p %o %k=%v\n" """.TrimEnd(),
            "olog consume orders --group billing",
        ],
        ["offsets"] = ["olog offsets orders", "olog offsets orders --at -15m"],
        ["records delete"] = ["olog records delete orders --before 1000 --partition 0 --dry-run", "olog records delete orders --before end --yes"],
        ["partition accept-loss"] = ["olog partition accept-loss orders 3 --dry-run", "olog partition accept-loss orders 3 --gateway 127.0.0.1:30000"],
        ["group list"] = ["olog group list", "olog group list --state Empty"],
        ["group describe"] = ["olog group describe billing", "olog group describe billing --watch 5s", "olog group describe --members"],
        ["group reset-offsets"] =
        [
            "olog group reset-offsets billing --topic orders --to-earliest",
            "olog group reset-offsets billing --topic orders:0,2 --by-duration 2h --execute",
            "olog group reset-offsets billing --all-topics --shift-by -100 --execute",
            "olog group reset-offsets billing --from-file offsets.csv",
        ],
        ["group delete-offsets"] = ["olog group delete-offsets billing --topic orders --dry-run"],
        ["group delete"] = ["olog group delete billing --dry-run"],
        ["config describe"] = ["olog config describe --topic orders --all --docs", "olog config describe --broker 1"],
        ["config set"] = ["olog config set --topic orders retention.ms=3600000 --dry-run", "olog config set --all-brokers log.retention.hours=72"],
        ["config unset"] = ["olog config unset --topic orders retention.ms"],
        ["cluster describe"] = ["olog cluster describe --bootstrap-server one:9092,two:9092"],
        ["cluster status"] = ["olog cluster status", "olog cluster status --watch 10s --problems 5"],
        ["broker list"] = ["olog broker list"],
        ["log-dirs"] = ["olog log-dirs --broker 1 --topic orders"],
        ["log dump"] = ["olog log dump --check data/orders-0", "olog log dump --records data/orders-0/00000000000000000000.log"],
        ["completion"] = ["""eval "$(olog completion bash)" """.TrimEnd(), "olog completion fish > ~/.config/fish/completions/olog.fish"],
    };

    /// <summary>The examples of a command, by its path without <c>olog</c>: <c>topic create</c>.</summary>
    public static IReadOnlyList<string> Of(string path) => Lines.GetValueOrDefault(path, []);

    /// <summary>Has <c>--help</c> end with the examples of the command that it is about.</summary>
    public static void AddTo(RootCommand root)
    {
        foreach (var option in root.Options.OfType<HelpOption>())
        {
            option.Action = new HelpWithExamples((SynchronousCommandLineAction)option.Action!);
        }
    }

    private sealed class HelpWithExamples(SynchronousCommandLineAction help) : SynchronousCommandLineAction
    {
        // Who asks for help need not have written the rest of the command line yet.
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var code = help.Invoke(parseResult);
            if (Of(PathOf(parseResult)) is { Count: > 0 } lines)
            {
                var output = parseResult.InvocationConfiguration.Output;
                output.WriteLine("Examples:");
                foreach (var line in lines)
                {
                    output.WriteLine($"  {line}");
                }

                output.WriteLine();
            }

            return code;
        }

        private static string PathOf(ParseResult parsed)
        {
            var path = new Stack<string>();
            for (var at = parsed.CommandResult; at is { Command: not RootCommand }; at = (System.CommandLine.Parsing.CommandResult?)at.Parent)
            {
                path.Push(at.Command.Name);
            }

            return string.Join(' ', path);
        }
    }
}
