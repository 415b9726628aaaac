using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Dispatch;

/// <summary>The registered handlers by API key.</summary>
internal sealed class ApiTable
{
    private readonly IApiHandler?[] _byKey;

    public ApiTable(IEnumerable<IApiHandler> handlers)
    {
        All = [.. handlers.OrderBy(handler => handler.ApiKey)];
        _byKey = new IApiHandler?[All.Count == 0 ? 0 : (int)All[^1].ApiKey + 1];
        foreach (var handler in All)
        {
            if (_byKey[(int)handler.ApiKey] is not null)
                throw new InvalidOperationException($"two handlers are registered for {handler.ApiKey}");

            _byKey[(int)handler.ApiKey] = handler;
        }
    }

    /// <summary>All handlers, by key.</summary>
    public IReadOnlyList<IApiHandler> All { get; }

    /// <summary>The handler of a key from the wire, or null.</summary>
    public IApiHandler? Find(short key) => (uint)key < (uint)_byKey.Length ? _byKey[key] : null;
}
