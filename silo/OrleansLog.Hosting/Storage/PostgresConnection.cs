using Npgsql;

namespace OrleansLog.Hosting;

/// <summary>The connection to a cluster's PostgreSQL database, as the operator gave it and with what OrleansLog adds.</summary>
internal sealed class PostgresConnection
{
    /// <summary>The name under which Orleans' ADO.NET providers load Npgsql.</summary>
    public const string Invariant = "Npgsql";

    private const string DefaultSchema = "orleanslog";
    private const int ConnectTimeoutSeconds = 5;
    private const int CommandTimeoutSeconds = 10;

    private readonly NpgsqlConnectionStringBuilder _builder;

    private PostgresConnection(NpgsqlConnectionStringBuilder builder) => _builder = builder;

    /// <summary>The text for Npgsql; holds the password.</summary>
    public string Text => _builder.ConnectionString;

    /// <summary>The schema that the tables lie in.</summary>
    public string Schema => _builder.SearchPath!.Split(',')[0].Trim(' ', '"');

    /// <summary>Which database it is, without anything secret.</summary>
    public string Name => $"PostgreSQL database '{_builder.Database ?? _builder.Username}' at {_builder.Host}:{_builder.Port}";

    /// <summary>Reads a connection string. Names that it does not give: schema <c>orleanslog</c>, short timeouts, UTC.</summary>
    /// <exception cref="FormatException">It is none; the message does not repeat it, for it may hold a password.</exception>
    public static PostgresConnection Parse(string text)
    {
        NpgsqlConnectionStringBuilder builder;
        try
        {
            builder = new NpgsqlConnectionStringBuilder(text);
        }
        catch (Exception error) when (error is ArgumentException or FormatException)
        {
            throw new FormatException("orleanslog.metadata.connection is no connection string: expected Host=...;Database=...;Username=...;Password=...");
        }

        if (string.IsNullOrWhiteSpace(builder.Host))
            throw new FormatException("orleanslog.metadata.connection names no Host");

        if (string.IsNullOrWhiteSpace(builder.SearchPath))
            builder.SearchPath = DefaultSchema;
        if (!builder.ContainsKey("Timeout") || !builder.ShouldSerialize("Timeout"))
            builder.Timeout = ConnectTimeoutSeconds;
        if (!builder.ShouldSerialize("Command Timeout"))
            builder.CommandTimeout = CommandTimeoutSeconds;

        builder.Timezone = "UTC";
        builder.ApplicationName ??= "orleanslog";
        return new PostgresConnection(builder);
    }
}
