namespace OrleansLog.Testing.Internals;

/// <summary>The broker's data, for as long as the broker object lives.</summary>
internal sealed class BrokerFolder : IAsyncDisposable
{
    private const int DeleteAttempts = 5;

    public BrokerFolder(string? parent) =>
        Path = parent is null
            ? Directory.CreateTempSubdirectory("orleanslog-testing-").FullName
            : Directory.CreateDirectory(System.IO.Path.Combine(parent, "orleanslog-testing-" + Guid.NewGuid().ToString("N"))).FullName;

    public string Path { get; }

    public async ValueTask DisposeAsync()
    {
        // On Windows a virus scanner may hold a file for a moment.
        for (var attempt = 1; Directory.Exists(Path); attempt++)
        {
            try
            {
                Directory.Delete(Path, recursive: true);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException && attempt < DeleteAttempts)
            {
                await Task.Delay(attempt * 20).ConfigureAwait(false);
            }
        }
    }
}
