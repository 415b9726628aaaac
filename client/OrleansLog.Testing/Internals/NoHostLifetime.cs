using Microsoft.Extensions.Hosting;

namespace OrleansLog.Testing.Internals;

/// <summary>Leaves the process's signals and console to the test runner.</summary>
internal sealed class NoHostLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
