using System.Collections.Immutable;
using Orleans.Runtime;
using OrleansLog.Core.Controller;
using OrleansLog.Grains.Placement;

namespace OrleansLog.Grains;

/// <summary>
/// Where this silo looks for the controller: on the silo that the newest metadata names, or an answer did; where that one is gone or silent, on the first of
/// the others that may host it. Silos may differ in that for a moment: of two controllers the log knows one (D2), and who asks the other is told.
/// </summary>
internal sealed class ControllerSeat : IDisposable
{
    private readonly Lock _gate = new();
    private readonly MetadataCache _metadata;
    private long _epoch = -1;
    private SiloAddress? _silo;
    private SiloAddress? _chosen;
    private ImmutableDictionary<SiloAddress, ControllerLoss> _avoided = ImmutableDictionary<SiloAddress, ControllerLoss>.Empty;
    private TaskCompletionSource _moved = NewMove();

    /// <summary>Begins with nobody known.</summary>
    public ControllerSeat(MetadataCache metadata)
    {
        _metadata = metadata;
        _metadata.Changed += OnChanged;
    }

    /// <summary>The highest controller epoch known; -1 before any.</summary>
    public long Epoch
    {
        get
        {
            lock (_gate)
                return _epoch;
        }
    }

    /// <summary>The silo that was asked last; null before.</summary>
    public SiloAddress? Chosen => Volatile.Read(ref _chosen);

    /// <summary>Completes when the controller is to be asked elsewhere: who waits for its answer now need not go on waiting.</summary>
    public Task Moved => Volatile.Read(ref _moved).Task;

    /// <inheritdoc/>
    public void Dispose() => _metadata.Changed -= OnChanged;

    /// <summary>Learns of a controller.</summary>
    /// <param name="epoch">Its epoch.</param>
    /// <param name="silo">Its silo, as the metadata writes it.</param>
    /// <returns>Whether that is news: it is later than what was known, or the same one, which was taken for silent and is heard by others.</returns>
    public bool Learn(long epoch, string silo)
    {
        if (!SiloNames.TryParse(silo, out var address))
            return false;

        lock (_gate)
        {
            if (epoch < _epoch || (epoch == _epoch && !_avoided.ContainsKey(address)))
                return false;

            var isElsewhere = !address.Equals(_chosen);
            (_epoch, _silo, _avoided) = (epoch, address, _avoided.Clear());
            if (isElsewhere)
                Move();

            return true;
        }
    }

    /// <summary>Looks elsewhere from now on, until there is news.</summary>
    /// <param name="silo">Where the controller is not to be looked for.</param>
    /// <param name="loss">Why.</param>
    public void Avoid(SiloAddress silo, ControllerLoss loss)
    {
        lock (_gate)
        {
            _avoided = _avoided.SetItem(silo, loss);
            Move();
        }
    }

    /// <summary>Why this silo looks for the controller elsewhere than on the silo where it was last known; null where it does not.</summary>
    public ControllerLoss? Loss
    {
        get
        {
            lock (_gate)
                return _silo is not null && _avoided.TryGetValue(_silo, out var loss) ? loss : null;
        }
    }

    /// <summary>Which silo to ask.</summary>
    /// <param name="candidates">The live ones that may host the controller; at least one.</param>
    public SiloAddress Choose(SiloAddress[] candidates)
    {
        lock (_gate)
        {
            if (Array.TrueForAll(candidates, _avoided.ContainsKey))
            {
                // Nobody is left: begin anew.
                _avoided = _avoided.Clear();
            }

            SiloAddress? first = null;
            foreach (var candidate in candidates)
            {
                if (_avoided.ContainsKey(candidate))
                    continue;

                if (candidate.Equals(_silo))
                    return _chosen = candidate;

                if (first is null || candidate.CompareTo(first) < 0)
                    first = candidate;
            }

            return _chosen = first!;
        }
    }

    private void OnChanged(MetadataDelta delta)
    {
        if (delta.Current.ControllerEpoch != delta.Previous.ControllerEpoch)
            Learn(delta.Current.ControllerEpoch, delta.Current.ControllerSilo);
    }

    private void Move()
    {
        _moved.TrySetResult();
        _moved = NewMove();
    }

    private static TaskCompletionSource NewMove() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>Why the controller is not looked for where it was.</summary>
internal enum ControllerLoss
{
    /// <summary>The silo does not answer.</summary>
    Silent,

    /// <summary>The silo answers that it is not the controller, and cannot be.</summary>
    Unable,
}
