using System.Net;
using OrleansLog.Core.Configuration;

namespace OrleansLog.Kafka.Network;

/// <summary>How many connections there are, in all and from each address, and how many there may be. The configuration in force counts, dynamic changes included.</summary>
internal sealed class ConnectionQuotas(Func<BrokerConfig> config, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, int> _byAddress = [];
    private TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;
    private double _tokens = 1;
    private long _refilledAt = time.GetTimestamp();

    /// <summary>Open connections.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _count;
        }
    }

    /// <summary><c>max.connections</c>.</summary>
    public int Most => config().MaxConnections;

    /// <summary>Null while another connection may be accepted; else what completes when one has ended (<c>max.connections</c>).</summary>
    public Task? WhenThereIsRoom()
    {
        lock (_gate)
            return _count < config().MaxConnections ? null : _ended.Task;
    }

    /// <summary>How long to wait before the next connection is accepted (<c>max.connection.creation.rate</c>); at most a second's worth comes at once.</summary>
    public TimeSpan NextAcceptIn()
    {
        var rate = config().MaxConnectionCreationRate;
        if (rate is int.MaxValue or <= 0)
            return TimeSpan.Zero;

        lock (_gate)
        {
            _tokens = Math.Min(rate, _tokens + (time.GetElapsedTime(_refilledAt).TotalSeconds * rate));
            _refilledAt = time.GetTimestamp();
            _tokens--;
            return _tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_tokens / rate);
        }
    }

    /// <summary>Counts a connection; false when its address has as many as it may (<c>max.connections.per.ip</c>).</summary>
    public bool TryAdd(IPAddress address, out int count)
    {
        var settings = config();
        var most = settings.MaxConnectionsPerIpOverrides.TryGetValue(address.ToString(), out var own) ? own : settings.MaxConnectionsPerIp;
        lock (_gate)
        {
            count = _byAddress.GetValueOrDefault(address);
            if (count >= most)
                return false;

            _byAddress[address] = count + 1;
            _count++;
            return true;
        }
    }

    /// <summary>A counted connection ended.</summary>
    public void Remove(IPAddress address)
    {
        TaskCompletionSource ended;
        lock (_gate)
        {
            if (_byAddress.GetValueOrDefault(address) is > 1 and var count)
                _byAddress[address] = count - 1;
            else
                _byAddress.Remove(address);

            _count--;
            ended = _ended;
            _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        ended.SetResult();
    }
}
