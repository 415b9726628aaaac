namespace OrleansLog.Client;

/// <summary>
/// Whether the program asks for records often enough, seen from outside, so that reading costs nothing for it: whoever asks now and
/// then notices a reader that stands still within one pause between the questions.
/// </summary>
internal sealed class ReaderPace(ConsumerCore core, TimeProvider time, int maxPollIntervalMs)
{
    private long _steps = -1;
    private long _since = time.GetTimestamp();

    public void Restart() => (_steps, _since) = (core.ReaderSteps, time.GetTimestamp());

    public bool IsTooSlow()
    {
        if (core.IsReaderWaiting || core.ReaderSteps != _steps)
            Restart();
        return time.GetElapsedTime(_since).TotalMilliseconds > maxPollIntervalMs;
    }
}
