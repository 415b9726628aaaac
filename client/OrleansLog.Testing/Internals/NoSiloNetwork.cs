using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;

namespace OrleansLog.Testing.Internals;

/// <summary>
/// Orleans' own network of a silo that is alone: nobody ever connects, so no port is opened, and any number of silos can have the same
/// address.
/// </summary>
internal sealed class NoSiloNetwork : IConnectionListenerFactory
{
    /// <summary>The address that the silo goes by.</summary>
    public const int SiloPort = 11_111;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IConnectionListener>(new Nobody(endpoint));

    /// <summary>Takes the place of the sockets that Orleans registered, under each of its keys.</summary>
    public static void Replace(IServiceCollection services)
    {
        foreach (var sockets in services.Where(s => s.IsKeyedService && s.ServiceType == typeof(IConnectionListenerFactory)).ToArray())
        {
            services.Remove(sockets);
            services.AddKeyedSingleton<IConnectionListenerFactory, NoSiloNetwork>(sockets.ServiceKey);
        }
    }

    private sealed class Nobody(EndPoint endPoint) : IConnectionListener
    {
        private readonly TaskCompletionSource<ConnectionContext?> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public EndPoint EndPoint => endPoint;

        public ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
            new(_end.Task.WaitAsync(cancellationToken));

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            _end.TrySetResult(null);
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => UnbindAsync();
    }
}
