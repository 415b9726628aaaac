using Microsoft.Extensions.Hosting;
using OrleansLog.Core.Controller;
using OrleansLog.Grains.Diagnostics;
using OrleansLog.Protocol;

namespace OrleansLog.Grains;

/// <summary>How a silo keeps in touch with the controller, which moves, and of which an older one may still answer: it asks until it is heard, and complains rarely.</summary>
internal sealed class ControllerLink(ControllerCalls controller, MetadataCache cache, IHostApplicationLifetime application, TimeProvider time)
{
    /// <summary>The pause before a controller is asked again.</summary>
    public static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan JoinTimeout = TimeSpan.FromSeconds(60);

    private readonly Complaints _complaints = new(time);
    private long _epoch = -1;

    /// <summary>The highest controller epoch that this silo has seen, as calls tell it to the controller; -1 before any answer.</summary>
    public long Epoch => Interlocked.Read(ref _epoch);

    /// <summary>Why this silo cannot go on and has asked the application to stop; null while it can.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Tells of a failure, now and then: all calls fail where there is no controller for a while.</summary>
    public void Complain(Action<Exception> tell, Exception failure)
    {
        if (_complaints.TryPass(out _))
        {
            tell(failure);
        }
    }

    /// <summary>Asks the controller.</summary>
    public Task<T> AskAsync<T>(Func<IControllerGrain, Task<T>> ask, CancellationToken cancellationToken) =>
        controller.AskAsync(ask).WaitAsync(cancellationToken);

    /// <summary>Whether an answer counts: those of a controller that was replaced meanwhile are not heard (D2).</summary>
    public bool IsHeard(ErrorCode error, long controllerEpoch)
    {
        if (error == ErrorCode.NotController || controllerEpoch < Math.Max(Epoch, cache.Current.ControllerEpoch))
        {
            return false;
        }

        Interlocked.Exchange(ref _epoch, controllerEpoch);
        return true;
    }

    /// <summary>Asks until the controller has taken this silo in; waits out a controller that moves, and a predecessor with the same id that was killed a moment ago.</summary>
    /// <param name="failure">What to say of this silo where nobody takes it in, such as "broker 1 could not register".</param>
    /// <param name="ask">Asks once; what is not heard is NOT_CONTROLLER.</param>
    /// <param name="tell">Told of a call that failed, now and then.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BrokerRegistrationException">The controller refuses this silo, or did not answer in time, or cannot read the metadata.</exception>
    public async Task JoinAsync(string failure, Func<Task<JoinAnswer>> ask, Action<Exception> tell, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var elapsed = time.GetElapsedTime(began);
            Exception last;
            try
            {
                var answer = await ask();
                if (answer.Error == ErrorCode.None)
                {
                    return;
                }

                last = new BrokerRegistrationException(answer.Error, answer.Message ?? answer.Error.ToString());
                if (answer.Error != ErrorCode.NotController && !Predecessor.MayBeWaitedOut(answer.Error, answer.LastContactAgeMs, (long)elapsed.TotalMilliseconds))
                {
                    throw last;
                }
            }
            catch (Exception e) when (e is not (OperationCanceledException or BrokerRegistrationException))
            {
                ThrowIfUnreadable(e);
                last = e;
                Complain(tell, e);
            }

            if (elapsed > JoinTimeout)
            {
                throw new BrokerRegistrationException(ErrorCode.RequestTimedOut, $"{failure} within {JoinTimeout.TotalSeconds:0} s: {last.Message}", last);
            }

            await PauseAsync(cancellationToken);
        }
    }

    /// <summary>Beats until the silo stops, or cannot go on.</summary>
    /// <param name="beat">Asks once, and waits for the answer; false when it was not heard.</param>
    /// <param name="tell">Told of a call that failed, now and then.</param>
    /// <param name="giveUp">Told why this silo cannot go on, before the application stops.</param>
    /// <param name="stopping">The silo stops.</param>
    public async Task RunAsync(Func<CancellationToken, Task<bool>> beat, Action<Exception> tell, Action<Exception> giveUp, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                if (await beat(stopping))
                {
                    continue;
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is BrokerRegistrationException or MetadataFormatException)
            {
                giveUp(e);
                Failure = e;
                application.StopApplication();
                return;
            }
            catch (Exception e)
            {
                Complain(tell, e);
            }

            await PauseAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Finds out whether another one is the controller, and else waits a moment before the next question.</summary>
    public async Task PauseAsync(CancellationToken cancellationToken)
    {
        var known = controller.KnownEpoch;
        await controller.PingAsync(RetryDelay).WaitAsync(cancellationToken);
        if (controller.KnownEpoch == known)
            await Task.Delay(RetryDelay, time, cancellationToken);
    }

    /// <summary>A controller that cannot read the metadata does not get better by waiting.</summary>
    private static void ThrowIfUnreadable(Exception? e)
    {
        for (; e is not null; e = e.InnerException)
        {
            if (e is MetadataFormatException)
            {
                throw new BrokerRegistrationException(ErrorCode.UnknownServerError, $"the controller cannot start: {e.Message}", e);
            }
        }
    }

    /// <summary>What the controller says to a silo that wants to be taken in.</summary>
    /// <param name="Error">None: it is.</param>
    /// <param name="Message">Why it is not.</param>
    /// <param name="LastContactAgeMs">Refused as a duplicate: how long ago the one that has the id was heard.</param>
    public readonly record struct JoinAnswer(ErrorCode Error, string? Message, long LastContactAgeMs);
}
