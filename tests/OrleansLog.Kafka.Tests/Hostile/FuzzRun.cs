using System.Diagnostics;
using System.Globalization;
using OrleansLog.TestKit;

namespace OrleansLog.Kafka.Tests.Hostile;

/// <summary>
/// One fuzzing run: how long, and from which seed. Each case has a seed of its own, which is printed when it fails;
/// ORLEANSLOG_FUZZ_SEED runs that one case again,
/// ORLEANSLOG_FUZZ_SECONDS sets the time.
/// </summary>
internal sealed class FuzzRun
{
    private const int ShortMs = 2500;
    private const int LongMs = 600_000;

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly int? _only = Environment.GetEnvironmentVariable("ORLEANSLOG_FUZZ_SEED") is { Length: > 0 } text
        ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    private readonly int _first = Random.Shared.Next();

    /// <summary>Cases so far.</summary>
    public int Cases { get; private set; }

    /// <summary>Time so far.</summary>
    public TimeSpan Elapsed => _clock.Elapsed;

    /// <summary>The seeds of this run, until its time is over: a few seconds, ten minutes with <c>tests/run --long</c>.</summary>
    public IEnumerable<int> Seeds()
    {
        if (_only is { } only)
        {
            Cases = 1;
            yield return only;
            yield break;
        }

        var most = Environment.GetEnvironmentVariable("ORLEANSLOG_FUZZ_SECONDS") is { Length: > 0 } seconds
            ? int.Parse(seconds, CultureInfo.InvariantCulture) * 1000L
            : Repository.LongRuns ? LongMs : ShortMs;
        while (_clock.ElapsedMilliseconds < most)
            yield return unchecked(_first + Cases++);
    }
}
