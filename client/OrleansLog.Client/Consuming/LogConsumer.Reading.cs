namespace OrleansLog.Client;

internal sealed partial class LogConsumer<TKey, TValue>
{
    /// <summary>An enumeration, written out so that a record that is buffered costs no state machine.</summary>
    private sealed class Reading(
        LogConsumer<TKey, TValue> consumer, bool isBounded, CancellationToken cancellationToken, (Subscription Topics, GroupOptions Group)? subscription = null)
        : IAsyncEnumerable<ConsumeResult<TKey, TValue>>, IAsyncEnumerator<ConsumeResult<TKey, TValue>>
    {
        private readonly ConsumerCore _core = consumer.Core;
        private CancellationTokenSource? _linked;
        private CancellationToken _token = cancellationToken;
        private ConsumeResult<TKey, TValue> _current;
        private bool _isBegun;
        private bool _isOver;
        private bool _isTaken;

        public ConsumeResult<TKey, TValue> Current => _current;

        public IAsyncEnumerator<ConsumeResult<TKey, TValue>> GetAsyncEnumerator(CancellationToken cancellationToken = default)
        {
            if (_isTaken)
                return new Reading(consumer, isBounded, _token, subscription).GetAsyncEnumerator(cancellationToken);
            _isTaken = true;
            if (cancellationToken.CanBeCanceled && _token.CanBeCanceled && cancellationToken != _token)
            {
                _linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _token);
                _token = _linked.Token;
            }
            else if (cancellationToken.CanBeCanceled)
            {
                _token = cancellationToken;
            }

            return this;
        }

        public ValueTask<bool> MoveNextAsync()
        {
            if (_isBegun)
                _core.ReleaseHeld();
            return _isBegun && !_token.IsCancellationRequested && consumer.TryNext(out _current, out _) ? new(true) : new(MoveNextSlowlyAsync());
        }

        public ValueTask DisposeAsync()
        {
            var hasSubscribed = subscription is not null && _isBegun;
            if (_isBegun)
                _core.EndReading();
            _isBegun = false;
            _isOver = true;
            _linked?.Dispose();
            return hasSubscribed ? new(_core.UnsubscribeAsync(CancellationToken.None)) : default;
        }

        private async Task<bool> MoveNextSlowlyAsync()
        {
            _token.ThrowIfCancellationRequested();
            if (_isOver)
                return false;
            if (!_isBegun)
            {
                await BeginAsync().ConfigureAwait(false);
            }

            while (true)
            {
                if (consumer.TryNext(out _current, out _))
                    return true;
                if (isBounded && _core.IsAtEnds())
                {
                    _isOver = true;
                    return false;
                }

                var readable = _core.ReadableAsync();
                _core.Nudge();
                if (consumer.TryNext(out _current, out _))
                    return true;
                _core.IsReaderWaiting = true;
                try
                {
                    await readable.WaitAsync(_token).ConfigureAwait(false);
                }
                finally
                {
                    _core.IsReaderWaiting = false;
                }
            }
        }

        private async Task AwaitAssignmentAsync()
        {
            while (!_core.IsAssignmentKnown)
            {
                var readable = _core.ReadableAsync();
                _core.Rest();
                if (!_core.IsAssignmentKnown)
                    await readable.WaitAsync(_token).ConfigureAwait(false);
            }
        }

        private async Task BeginAsync()
        {
            // Nothing is delivered before the ends are known; a group has to assign the partitions first.
            _core.BeginReading(isBounded ? [] : null);
            try
            {
                if (subscription is var (topics, group))
                    _core.Subscribe(topics, group);
                _core.ReleaseHeld();
                if (isBounded)
                {
                    await AwaitAssignmentAsync().ConfigureAwait(false);
                    _core.SetEnds(await _core.EndsAsync(_token).ConfigureAwait(false));
                }

                _isBegun = true;
            }
            finally
            {
                if (!_isBegun)
                    _core.EndReading();
            }
        }
    }
}
