using Xunit;

namespace OrleansLog.TestKit.Processes;

/// <summary>A test on a PostgreSQL server; skipped, with the reason, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute() => Skip = PostgresServer.Unavailable!;
}
